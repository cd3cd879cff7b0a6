package policies

import (
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// document is what a policy sees. schema.json describes the same to the
// compiler, so that a policy that asks for a field that is not there is refused.
type document struct {
	Action    engine.Action `json:"action"`
	User      person        `json:"user"`
	Requester person        `json:"requester"`
	Approver  *person       `json:"approver,omitempty"`
	Request   asked         `json:"request"`
	Approvals []approval    `json:"approvals"`
	Context   surroundings  `json:"context"`
}

type person struct {
	Email     string     `json:"email"`
	Groups    []string   `json:"groups"`
	TrustTier int        `json:"trust_tier"`
	Via       engine.Via `json:"via,omitempty"`
}

type asked struct {
	ID         string            `json:"id"`
	Provider   string            `json:"provider"`
	Role       string            `json:"role"`
	Scope      string            `json:"resource_scope"`
	Seconds    int64             `json:"duration_seconds"`
	Reason     string            `json:"reason"`
	Ticket     string            `json:"ticket"`
	BreakGlass bool              `json:"break_glass"`
	Metadata   map[string]string `json:"metadata"`
}

type approval struct {
	Email  string   `json:"email"`
	Groups []string `json:"groups"`
	At     string   `json:"at"`
}

// surroundings has the time in whole seconds, so that now and now_ns say the same.
type surroundings struct {
	TrustTier int                 `json:"trust_tier"`
	Now       string              `json:"now"`
	Weekday   string              `json:"weekday"`
	History   map[string]any      `json:"history"`
	OnCall    map[string][]string `json:"oncall"`
	nowNS     int64
}

// approving reports whether somebody decides on another's request, so that
// package jitsudo.approval is the one to ask.
func approving(a engine.Action) bool {
	return a == engine.ActApprove || a == engine.ActDeny || a == engine.ActRevoke
}

func known(a engine.Action) bool {
	return approving(a) || a == engine.ActRequest || a == engine.ActBreakGlass || a == engine.ActExtend
}

// describe writes the question as the input document.
func describe(q engine.Question) document {
	user := describePerson(q.User.Principal)
	user.Via = engine.Via(valid(string(q.User.Via)))
	now := q.Now.UTC().Truncate(time.Second)
	r := q.Request
	d := document{
		Action: q.Action, User: user, Requester: describePerson(q.Requester), Approvals: []approval{},
		Request: asked{
			ID: valid(r.ID), Provider: valid(r.Target.Provider), Role: valid(r.Target.Role), Scope: valid(r.Target.Scope),
			Seconds: seconds(r.Duration), Reason: valid(r.Reason), Ticket: valid(r.Ticket), BreakGlass: r.BreakGlass, Metadata: map[string]string{},
		},
		Context: surroundings{
			TrustTier: q.User.TrustTier, Now: now.Format(time.RFC3339), nowNS: now.UnixNano(), Weekday: now.Weekday().String(),
			History: map[string]any{}, OnCall: map[string][]string{},
		},
	}
	for k, v := range r.Metadata {
		d.Request.Metadata[valid(k)] = valid(v)
	}
	if approving(q.Action) {
		d.Approver = &user
	}
	for _, a := range r.Approvals {
		d.Approvals = append(d.Approvals, approval{Email: valid(a.Approver), Groups: list(a.Groups), At: a.At.UTC().Format(time.RFC3339)})
	}
	return d
}

func describePerson(p engine.Principal) person {
	return person{Email: valid(p.ID), Groups: list(p.Groups), TrustTier: p.TrustTier}
}

func list(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = valid(n)
	}
	return out
}

// valid replaces what is not UTF-8, so that the document and its JSON are the same.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// seconds rounds up, so that nothing longer than a limit passes for as long as it.
func seconds(d time.Duration) int64 {
	s := int64(d / time.Second)
	if d%time.Second > 0 {
		s++
	}
	return s
}
