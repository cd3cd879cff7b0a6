// Package wire owns the JSON documents of the HTTP API: their field names,
// their units, and how they become the engine's types and back.
//
// It must never know HTTP, who is asking, or how anything is stored.
package wire

import (
	"encoding/json"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Base is the path under which everything lies that needs to know who asks.
const Base = "/api/v1alpha1"

// Bounds of the API.
const (
	MaxBody = 64 << 10         // bytes of a request's body
	MaxWait = 60 * time.Second // longest wait for a change
)

// Headers with a meaning of their own.
const (
	HeaderKey = "Idempotency-Key" // the same key again changes nothing
	HeaderVia = "X-Jitsudo-Via"   // "cli" when the command line asks; anything else counts as a program
)

// Draft asks for access.
type Draft struct {
	Provider   string            `json:"provider" doc:"Name of a configured provider."`
	Role       string            `json:"role" doc:"Role or permission set."`
	Scope      string            `json:"resource_scope" doc:"Account, project, subscription or namespace."`
	Seconds    int64             `json:"duration_seconds" doc:"How long, in seconds."`
	Reason     string            `json:"reason" doc:"Why; kept in the audit log."`
	BreakGlass bool              `json:"break_glass,omitempty" doc:"Emergency: no approver, immediate alert."`
	Metadata   map[string]string `json:"metadata,omitempty" doc:"Further facts for policy and log."`
	Ticket     string            `json:"ticket,omitempty" doc:"Ticket this belongs to."`
}

// FromDraft writes a draft; its key travels as a header.
func FromDraft(d engine.Draft) Draft {
	return Draft{
		Provider: d.Target.Provider, Role: d.Target.Role, Scope: d.Target.Scope, Seconds: seconds(d.Duration),
		Reason: d.Reason, BreakGlass: d.BreakGlass, Metadata: d.Metadata, Ticket: d.Ticket,
	}
}

// Engine returns the draft; an error is a Refusal that names the field.
func (d Draft) Engine() (engine.Draft, error) {
	length, err := engine.Seconds(d.Seconds)
	if err != nil {
		return engine.Draft{}, err
	}
	return engine.Draft{
		Target: engine.Target{Provider: d.Provider, Role: d.Role, Scope: d.Scope}, Reason: d.Reason, Duration: length,
		BreakGlass: d.BreakGlass, Ticket: d.Ticket, Metadata: d.Metadata,
	}, nil
}

// Yes is the body of an approval.
type Yes struct {
	Comment string `json:"comment,omitempty" doc:"Said to everybody who sees the request."`
	Seconds int64  `json:"duration_seconds,omitempty" doc:"Approve for less than was asked; 0 is as asked."`
}

// Duration returns what the approval is for, 0 for as asked.
func (y Yes) Duration() (time.Duration, error) {
	if y.Seconds == 0 {
		return 0, nil
	}
	return engine.Seconds(y.Seconds)
}

// Why is the body of a denial and of an early end.
type Why struct {
	Reason string `json:"reason,omitempty" doc:"Why; the requester is told."`
}

// Nothing is the body of what needs no further word.
type Nothing struct{}

// Requests is one page, newest first.
type Requests struct {
	Requests []Request `json:"requests"`
	Next     string    `json:"next_page_token,omitempty" doc:"Give it as page_token for the next page; absent on the last."`
}

// One is the answer about a single request.
type One struct {
	Request Request `json:"request"`
}

// Events is one page of the audit log. The entries stay as the daemon wrote
// them, so that their hashes can be checked.
type Events struct {
	Events []json.RawMessage `json:"events" doc:"Audit entries."`
	Next   string            `json:"next_page_token,omitempty"`
}

// Granted wraps minted credentials.
type Granted struct {
	Grant Grant `json:"grant"`
}

// Grant holds credentials on their way to their owner. It is the one place
// where they are not hidden.
type Grant struct {
	RequestID   string       `json:"request_id"`
	Credentials []Credential `json:"credentials"`
	IssuedAt    time.Time    `json:"issued_at"`
	ExpiresAt   time.Time    `json:"expires_at"`
}

// Credential is one named value.
type Credential struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// FromCredentials reveals credentials for their owner.
func FromCredentials(id string, c engine.Credentials) Granted {
	g := Grant{RequestID: id, Credentials: []Credential{}, IssuedAt: c.IssuedAt.UTC(), ExpiresAt: c.ExpiresAt.UTC()}
	for _, s := range c.Values {
		g.Credentials = append(g.Credentials, Credential{s.Name, s.Reveal()})
	}
	return Granted{g}
}

// Engine hides the values again.
func (g Grant) Engine() engine.Credentials {
	c := engine.Credentials{IssuedAt: g.IssuedAt, ExpiresAt: g.ExpiresAt}
	for _, v := range g.Credentials {
		c.Values = append(c.Values, engine.NewSecret(v.Name, v.Value))
	}
	return c
}

// Caller is whoever asks, as the daemon sees them.
type Caller struct {
	Identity  string         `json:"identity"`
	Name      string         `json:"name,omitempty"`
	Groups    []string       `json:"groups"`
	TrustTier int            `json:"trust_tier"`
	Admin     bool           `json:"admin" doc:"May see and revoke everything."`
	SeesAll   bool           `json:"sees_all" doc:"May see everything, the whole audit log included."`
	Via       engine.Via     `json:"via"`
	Account   engine.Account `json:"account" doc:"How the caller was recognised."`
}

// Build says which daemon answers.
type Build struct {
	Version   string   `json:"version"`
	Go        string   `json:"go"`
	API       string   `json:"api" doc:"Base path of the API."`
	Providers []string `json:"providers,omitempty"`
}

// Health is the answer of the health checks.
type Health struct {
	Status string `json:"status"`
}

// Problem is an error as RFC 9457 wants it, with the engine's own fields.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail" doc:"One sentence for a person."`
	Code   string `json:"code" enum:"invalid,forbidden,unauthenticated,not_found,conflict,step_up_required,rate_limited,unavailable,internal"`
	Hint   string `json:"hint,omitempty" doc:"The way out."`
	Field  string `json:"field,omitempty" doc:"The field at fault."`
}

// fields are the engine's names of fields that are called otherwise on the wire.
var fields = map[string]string{"scope": "resource_scope", "duration": "duration_seconds", "user": "requester_identity"}

// Field returns the wire's name of the engine's field.
func Field(name string) string {
	if w, ok := fields[name]; ok {
		return w
	}
	return name
}

// EngineField returns the engine's name of the wire's field.
func EngineField(name string) string {
	for e, w := range fields {
		if w == name {
			return e
		}
	}
	return name
}

// seconds rounds up, so that a fraction is refused where it is judged rather
// than lost on the way.
func seconds(d time.Duration) int64 {
	s := int64(d / time.Second)
	if d%time.Second > 0 {
		s++
	}
	return s
}

// ErrUnauthenticated is the kind of a Refusal for a caller who is not known. It
// is a kind of engine.ErrForbidden.
var ErrUnauthenticated = unauthenticated{}

type unauthenticated struct{}

func (unauthenticated) Error() string { return "unauthenticated" }

// Is makes it count as forbidden wherever the difference does not matter.
func (unauthenticated) Is(target error) bool { return target == engine.ErrForbidden }
