package grammar

import (
	"regexp"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Request asks for access. In a chat any part may be missing; the form asks for it.
type Request struct {
	Provider   string            `help:"Cloud provider: aws, azure, gcp, kubernetes, sandbox." placeholder:"<name>"`
	Role       string            `help:"Role or permission set to request (provider-specific)." placeholder:"<name>"`
	Scope      string            `help:"Where: AWS account ID, GCP project ID, Azure subscription ID or Kubernetes namespace (* for all)." placeholder:"<value>"`
	Duration   Span              `help:"How long, for example 30m, 2h30m or 1d." placeholder:"<duration>"`
	Reason     string            `help:"Why; it is kept in the audit log." placeholder:"<text>"`
	BreakGlass bool              `help:"Emergency: no approver, immediate alert." name:"break-glass"`
	Ticket     string            `help:"Ticket this belongs to." placeholder:"<id>"`
	Metadata   map[string]string `help:"Further facts for policy and log, as key=value; may be repeated." placeholder:"<key=value>" mapsep:"none"`
}

// Empty reports whether nothing at all was filled in.
func (r Request) Empty() bool {
	return r.Provider == "" && r.Role == "" && r.Scope == "" && r.Duration == 0 && r.Reason == "" &&
		r.Ticket == "" && len(r.Metadata) == 0
}

// Missing names the flags that a complete request still needs, in the order in
// which they are documented.
func (r Request) Missing() []string {
	var names []string
	for _, f := range []struct {
		name string
		miss bool
	}{
		{"provider", r.Provider == ""}, {"role", r.Role == ""}, {"scope", r.Scope == ""},
		{"duration", r.Duration == 0}, {"reason", strings.TrimSpace(r.Reason) == ""},
	} {
		if f.miss {
			names = append(names, f.name)
		}
	}
	return names
}

// Draft returns what the engine is asked for.
func (r Request) Draft() engine.Draft {
	return engine.Draft{
		Target:     engine.Target{Provider: r.Provider, Role: r.Role, Scope: r.Scope},
		Reason:     r.Reason,
		Duration:   time.Duration(r.Duration),
		BreakGlass: r.BreakGlass,
		Ticket:     r.Ticket,
		Metadata:   r.Metadata,
	}
}

// Status asks how one request stands, or for a page of them.
type Status struct {
	ID        ID     `arg:"" optional:"" help:"Request ID; without one, requests are listed."`
	Mine      bool   `help:"Only the requests I made."`
	Pending   bool   `help:"Only requests that wait for a decision."`
	State     string `help:"Only requests in this state, for example ACTIVE." placeholder:"<state>"`
	User      string `help:"Only this person's requests." placeholder:"<who>"`
	Provider  string `help:"Only requests for this provider." placeholder:"<name>"`
	Limit     int    `help:"At most so many." placeholder:"<n>"`
	PageToken string `help:"Continue after the page before." placeholder:"<token>"`
}

// Approve says yes.
type Approve struct {
	ID       ID     `arg:"" optional:"" help:"Request ID."`
	Comment  string `help:"Said to everybody who sees the request." placeholder:"<text>"`
	Duration Span   `help:"Approve for less than was asked." placeholder:"<shorter>"`
}

// Deny says no. Where the reason is missing a chat asks for it.
type Deny struct {
	ID     ID     `arg:"" optional:"" help:"Request ID."`
	Reason string `help:"Why not; the requester is told." placeholder:"<text>"`
}

// Cancel withdraws a request that waits.
type Cancel struct {
	ID ID `arg:"" optional:"" help:"Request ID."`
}

// Revoke ends access early.
type Revoke struct {
	ID     ID     `arg:"" optional:"" help:"Request ID."`
	Reason string `help:"Why; needed unless the request is one's own." placeholder:"<text>"`
}

// Validate refuses an approval of nothing.
func (a Approve) Validate() error { return a.ID.need() }

// Validate refuses a denial of nothing.
func (d Deny) Validate() error { return d.ID.need() }

// Validate refuses a withdrawal of nothing.
func (c Cancel) Validate() error { return c.ID.need() }

// Validate refuses to end nothing.
func (r Revoke) Validate() error { return r.ID.need() }

// These have no parameters and exist in a chat alone.
type (
	// Mine lists the speaker's own requests.
	Mine struct{}
	// Pending lists the requests that wait for a decision.
	Pending struct{}
	// Help explains the words.
	Help struct{}
	// Form asks for everything.
	Form struct{}
	// BreakGlass is a Request in an emergency; its Request.BreakGlass is true.
	BreakGlass struct{ Request }
)

// Span is a duration as people write it, days included; 0 when none was given.
type Span time.Duration

// UnmarshalText reads a duration; the error is a Refusal.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := engine.ParseDuration(string(text))
	*s = Span(d)
	return err
}

// String writes the duration the short way, "" for none.
func (s Span) String() string {
	if s == 0 {
		return ""
	}
	return engine.FormatDuration(time.Duration(s))
}

// ID is a request's ID. What people copy along with it from a chat, such as
// backquotes, is dropped, and its case does not matter.
type ID string

var idForm = regexp.MustCompile(`(?i)^req_([0-9a-z]{26})$`)

// UnmarshalText reads an ID.
func (id *ID) UnmarshalText(text []byte) error {
	s := strings.Trim(string(text), " \t\n`<>\"'“”‘’.,;:")
	if m := idForm.FindStringSubmatch(s); m != nil {
		s = "req_" + strings.ToUpper(m[1])
	}
	*id = ID(s)
	return id.need()
}

func (id ID) need() error {
	if id != "" {
		return nil
	}
	return engine.Refuse(engine.ErrInvalid, "The request ID is missing.").On("id").WithHint("`status` lists the requests and their IDs.")
}

// String returns the ID.
func (id ID) String() string { return string(id) }
