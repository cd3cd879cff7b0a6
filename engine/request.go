package engine

import (
	"strings"
	"time"
)

// Target is what is asked for: a role on a scope of a provider.
type Target struct {
	Provider string `json:"provider"` // the configured instance's name: sandbox, kubernetes, …
	Role     string `json:"role"`
	Scope    string `json:"resource_scope"`
}

// Draft is a request before it exists.
type Draft struct {
	Target     Target
	Reason     string
	Duration   time.Duration
	BreakGlass bool
	Ticket     string
	Metadata   map[string]string
	Channel    string // chat channel where it was asked, "" when elsewhere
	Key        string // idempotency key: the same requester and key give the same request
}

// Tier says who has to approve.
type Tier string

// The tiers, from strict to lenient. The zero Tier counts as TierHuman.
const (
	TierHuman Tier = "human"
	TierAI    Tier = "ai_review"
	TierAuto  Tier = "auto"
)

// Assurance says how sure an approver's identity must be.
type Assurance string

// The assurances. The zero Assurance counts as AssuranceChat.
const (
	AssuranceChat   Assurance = "chat"
	AssuranceStepUp Assurance = "step_up"
)

// Terms are what policy asked for when the request was submitted.
type Terms struct {
	Tier           Tier      `json:"approver_tier"`
	Required       int       `json:"required_approvals"`
	ApproverGroups []string  `json:"approver_groups,omitempty"`
	Approvers      []string  `json:"approvers,omitempty"`
	Assurance      Assurance `json:"assurance,omitempty"`
	Channel        string    `json:"channel,omitempty"`
	Notify         []string  `json:"notify,omitempty"`
	PolicyRevision string    `json:"policy_revision,omitempty"`
}

// Approval is one person's yes.
type Approval struct {
	Approver string    `json:"approver_identity"`
	Groups   []string  `json:"groups,omitempty"`
	Comment  string    `json:"comment,omitempty"`
	At       time.Time `json:"at"`
	Via      Via       `json:"via"`
	Account  Account   `json:"account,omitzero"`
}

// Message is a message in a chat; the engine stores it and never reads it.
type Message struct {
	Chat    string `json:"chat,omitempty"` // slack, discord
	Channel string `json:"channel,omitempty"`
	ID      string `json:"id,omitempty"`
	Link    string `json:"link,omitempty"`
}

// IsZero reports whether there is no message.
func (m Message) IsZero() bool { return m == Message{} }

// Same reports whether m and o are the same message, whatever their links.
func (m Message) Same(o Message) bool {
	return !m.IsZero() && m.Chat == o.Chat && m.Channel == o.Channel && m.ID == o.ID
}

// Drawing is what the chat shows of a request.
type Drawing struct {
	Card    Message   `json:"card,omitzero"`   // the card in the channel
	Call    Message   `json:"call,omitzero"`   // the call to the approvers in its thread
	Alert   Message   `json:"alert,omitzero"`  // the alert of a break-glass
	Direct  Message   `json:"direct,omitzero"` // the requester's own message about the live access
	Version uint64    `json:"version,omitempty"`
	Told    uint64    `json:"told,omitempty"` // ID of the last audit entry told in the thread and to the requester
	Tries   int       `json:"tries,omitempty"`
	NextAt  time.Time `json:"next_at,omitzero"` // not before, after a failure
	// LeaseUntil: a worker draws it until then.
	LeaseUntil time.Time `json:"lease_until,omitzero"`
	Error      string    `json:"error,omitempty"`
}

// Has reports whether m is one of the drawing's own messages.
func (d Drawing) Has(m Message) bool {
	return m.Same(d.Card) || m.Same(d.Call) || m.Same(d.Direct)
}

// Work is what is owed to a provider, and how it goes.
type Work struct {
	Tries       int       `json:"tries,omitempty"`
	NextAt      time.Time `json:"next_at,omitzero"`      // not before, after a failure
	LeaseUntil  time.Time `json:"lease_until,omitzero"`  // a worker has it until then
	UncertainAt time.Time `json:"uncertain_at,omitzero"` // when the last grant call began; on disk before it, until the outcome of all is known
	CheckedAt   time.Time `json:"checked_at,omitzero"`   // when the holder was last looked up
	Error       string    `json:"error,omitempty"`
	Warned      bool      `json:"warned,omitempty"` // the requester was warned of the end
}

// Request is one request and everything that is known of it. Only the engine's
// transitions change its state.
type Request struct {
	ID        string `json:"id"`
	Version   uint64 `json:"version"`  // counts changes that people can see
	Revision  uint64 `json:"revision"` // counts changes of what is being decided on
	State     State  `json:"state"`
	Requester string `json:"requester_identity"`
	// RequesterAccount is how the requester was recognised, so that they can be told.
	RequesterAccount Account           `json:"requester_account,omitzero"`
	RequesterVia     Via               `json:"requester_via,omitempty"`
	Target           Target            `json:"target"`
	Reason           string            `json:"reason"`
	Duration         time.Duration     `json:"duration"`
	BreakGlass       bool              `json:"break_glass,omitempty"`
	Ticket           string            `json:"ticket,omitempty"`
	Metadata         map[string]string `json:"metadata,omitempty"`
	Channel          string            `json:"channel,omitempty"` // where it was asked
	Terms            Terms             `json:"terms"`
	Approvals        []Approval        `json:"approvals,omitempty"`
	DecidedBy        string            `json:"decided_by,omitempty"` // who gave the deciding yes, the no, the withdrawal or the early end
	EndReason        string            `json:"end_reason,omitempty"` // why it was denied, revoked or failed
	EndState         State             `json:"end_state,omitempty"`  // where REVOKING leads: REVOKED or FAILED

	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	PendingUntil time.Time `json:"pending_until,omitzero"`
	DecidedAt    time.Time `json:"decided_at,omitzero"`
	GrantedAt    time.Time `json:"granted_at,omitzero"`
	ExpiresAt    time.Time `json:"expires_at,omitzero"` // the deadline; fixed at the decision, never later
	// WallDeadline is the deadline by the machine's clock, as the provider was told
	// it; it differs from ExpiresAt only while that clock is behind.
	WallDeadline time.Time `json:"wall_deadline,omitzero"`
	EndedAt      time.Time `json:"ended_at,omitzero"`
	Failure      string    `json:"failure,omitempty"` // what went wrong, for people

	Work    Work     `json:"work,omitzero"`
	Drawing Drawing  `json:"drawing,omitzero"`
	Keys    []string `json:"keys,omitempty"` // idempotency keys already honoured, newest last
	// WakeAt and DrawAt say when to look at this request again, for the access
	// and for the card; zero means never. Computed in one place, [Request.Schedule].
	WakeAt time.Time `json:"wake_at,omitzero"`
	DrawAt time.Time `json:"draw_at,omitzero"`
}

// Clone returns a deep copy.
func (r Request) Clone() Request {
	c := r
	c.Metadata = cloneMap(r.Metadata)
	c.Approvals = append([]Approval(nil), r.Approvals...)
	for i := range c.Approvals {
		c.Approvals[i].Groups = append([]string(nil), c.Approvals[i].Groups...)
	}
	c.Keys = append([]string(nil), r.Keys...)
	c.Terms.ApproverGroups = append([]string(nil), r.Terms.ApproverGroups...)
	c.Terms.Approvers = append([]string(nil), r.Terms.Approvers...)
	c.Terms.Notify = append([]string(nil), r.Terms.Notify...)
	return c
}

func cloneMap(m map[string]string) map[string]string {
	if m == nil {
		return nil
	}
	c := make(map[string]string, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

// Viewers returns the terms under which people find this request: a store
// indexes them, and a reader asks for those that fit ([Principal.ViewerTerms]).
// They never change after creation.
func (r Request) Viewers() []string {
	terms := []string{viewerPerson(r.Requester)}
	for _, g := range r.Terms.ApproverGroups {
		terms = append(terms, "group:"+g)
	}
	for _, p := range r.Terms.Approvers {
		terms = append(terms, viewerPerson(p))
	}
	return terms
}

// ViewerTerms returns the terms a principal may read requests under.
func (p Principal) ViewerTerms() []string {
	terms := []string{viewerPerson(p.ID)}
	for _, g := range p.Groups {
		terms = append(terms, "group:"+g)
	}
	return terms
}

func viewerPerson(id string) string { return "person:" + strings.ToLower(id) }

// Access is what a provider gives and takes: one request's piece of a cloud.
type Access struct {
	ID        string // the request's ID; every object in the cloud is named after it
	Principal string
	Target    Target
	Deadline  time.Time
}

// Access returns what the provider is asked to give or take for r.
func (r Request) Access() Access {
	a := Access{ID: r.ID, Principal: r.Requester, Target: r.Target, Deadline: r.WallDeadline}
	if a.Deadline.IsZero() {
		a.Deadline = r.ExpiresAt
	}
	return a
}
