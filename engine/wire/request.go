package wire

import (
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Request is one request, for people and programs to read. Times that have not
// come are absent.
type Request struct {
	ID             string            `json:"id"`
	State          engine.State      `json:"state" enum:"PENDING,APPROVED,ACTIVE,EXPIRING,REVOKING,REJECTED,CANCELED,LAPSED,EXPIRED,REVOKED,FAILED"`
	Requester      string            `json:"requester_identity"`
	Provider       string            `json:"provider"`
	Role           string            `json:"role"`
	Scope          string            `json:"resource_scope"`
	Seconds        int64             `json:"duration_seconds"`
	Reason         string            `json:"reason"`
	BreakGlass     bool              `json:"break_glass"`
	Metadata       map[string]string `json:"metadata,omitempty"`
	Ticket         string            `json:"ticket,omitempty"`
	Tier           engine.Tier       `json:"approver_tier"`
	Required       int               `json:"required_approvals"`
	ApproverGroups []string          `json:"approver_groups,omitempty" doc:"Groups that are called to decide."`
	Approvers      []string          `json:"approvers,omitempty" doc:"People who are called to decide."`
	Approvals      []Approval        `json:"approvals"`
	DecidedBy      string            `json:"decided_by,omitempty" doc:"Who gave the deciding word."`
	EndReason      string            `json:"end_reason,omitempty" doc:"Why it was denied or ended early."`
	Failure        string            `json:"failure,omitempty" doc:"Why the access could not be given."`
	PolicyRevision string            `json:"policy_revision,omitempty"`
	Revision       uint64            `json:"revision" doc:"Counts changes of what is being decided on."`
	Chat           *Chat             `json:"chat,omitempty" doc:"Where the card is."`
	CreatedAt      time.Time         `json:"created_at"`
	UpdatedAt      time.Time         `json:"updated_at"`
	PendingUntil   time.Time         `json:"pending_until,omitzero" doc:"Lapses then, unless decided."`
	DecidedAt      time.Time         `json:"decided_at,omitzero"`
	GrantedAt      time.Time         `json:"granted_at,omitzero"`
	ExpiresAt      time.Time         `json:"expires_at,omitzero"`
	EndedAt        time.Time         `json:"ended_at,omitzero"`
}

// Approval is one person's yes.
type Approval struct {
	Approver string     `json:"approver_identity"`
	Comment  string     `json:"comment,omitempty"`
	At       time.Time  `json:"at"`
	Via      engine.Via `json:"via"`
}

// Chat is where a request's card is.
type Chat struct {
	Platform  string `json:"platform"`
	Channel   string `json:"channel"`
	Permalink string `json:"permalink,omitempty"`
}

// FromRequest writes a request.
func FromRequest(r engine.Request) Request {
	w := Request{
		ID: r.ID, State: r.State, Requester: r.Requester, Provider: r.Target.Provider, Role: r.Target.Role, Scope: r.Target.Scope,
		Seconds: seconds(r.Duration), Reason: r.Reason, BreakGlass: r.BreakGlass, Metadata: r.Metadata, Ticket: r.Ticket,
		Tier: r.Terms.Tier, Required: r.Terms.Required, ApproverGroups: r.Terms.ApproverGroups, Approvers: r.Terms.Approvers,
		Approvals: []Approval{}, DecidedBy: r.DecidedBy, EndReason: r.EndReason, PolicyRevision: r.Terms.PolicyRevision, Revision: r.Revision,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), PendingUntil: r.PendingUntil.UTC(), DecidedAt: r.DecidedAt.UTC(),
		GrantedAt: r.GrantedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), EndedAt: r.EndedAt.UTC(),
	}
	if r.EndState == engine.Failed || r.State == engine.Failed {
		w.Failure, w.EndReason = r.EndReason, ""
	}
	for _, a := range r.Approvals {
		w.Approvals = append(w.Approvals, Approval{a.Approver, a.Comment, a.At.UTC(), a.Via})
	}
	if m := r.Drawing.Card; !m.IsZero() {
		w.Chat = &Chat{m.Chat, m.Channel, m.Link}
	}
	return w
}

// Engine returns what an outsider can know of a request.
func (w Request) Engine() engine.Request {
	r := engine.Request{
		ID: w.ID, State: w.State, Requester: w.Requester, Target: engine.Target{Provider: w.Provider, Role: w.Role, Scope: w.Scope},
		Duration: time.Duration(w.Seconds) * time.Second, Reason: w.Reason, BreakGlass: w.BreakGlass, Metadata: w.Metadata, Ticket: w.Ticket,
		Terms:     engine.Terms{Tier: w.Tier, Required: w.Required, ApproverGroups: w.ApproverGroups, Approvers: w.Approvers, PolicyRevision: w.PolicyRevision},
		DecidedBy: w.DecidedBy, EndReason: w.EndReason, Revision: w.Revision,
		CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, PendingUntil: w.PendingUntil, DecidedAt: w.DecidedAt,
		GrantedAt: w.GrantedAt, ExpiresAt: w.ExpiresAt, EndedAt: w.EndedAt,
	}
	if w.Failure != "" {
		r.EndReason, r.EndState = w.Failure, engine.Failed
	}
	for _, a := range w.Approvals {
		r.Approvals = append(r.Approvals, engine.Approval{Approver: a.Approver, Comment: a.Comment, At: a.At, Via: a.Via})
	}
	if w.Chat != nil {
		r.Drawing.Card = engine.Message{Chat: w.Chat.Platform, Channel: w.Chat.Channel, Link: w.Chat.Permalink}
	}
	return r
}
