package policies

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// maxInput bounds the input document, in bytes of canonical JSON.
const maxInput = 64 << 10

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
	user.Via = q.User.Via
	now := q.Now.UTC().Truncate(time.Second)
	r := q.Request
	d := document{
		Action: q.Action, User: user, Requester: describePerson(q.Requester), Approvals: []approval{},
		Request: asked{
			ID: r.ID, Provider: r.Target.Provider, Role: r.Target.Role, Scope: r.Target.Scope,
			Seconds: seconds(r.Duration), Reason: r.Reason, Ticket: r.Ticket, BreakGlass: r.BreakGlass, Metadata: r.Metadata,
		},
		Context: surroundings{
			TrustTier: q.User.TrustTier, Now: now.Format(time.RFC3339), nowNS: now.UnixNano(), Weekday: now.Weekday().String(),
			History: map[string]any{}, OnCall: map[string][]string{},
		},
	}
	if d.Request.Metadata == nil {
		d.Request.Metadata = map[string]string{}
	}
	if approving(q.Action) {
		d.Approver = &user
	}
	for _, a := range r.Approvals {
		d.Approvals = append(d.Approvals, approval{Email: a.Approver, Groups: list(a.Groups), At: a.At.UTC().Format(time.RFC3339)})
	}
	return d
}

func describePerson(p engine.Principal) person {
	return person{Email: p.ID, Groups: list(p.Groups), TrustTier: p.TrustTier}
}

func list(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

// seconds rounds up, so that nothing longer than a limit passes for as long as it.
func seconds(d time.Duration) int64 {
	s := int64(d / time.Second)
	if d%time.Second > 0 {
		s++
	}
	return s
}

// encode returns the document as OPA's value, and the hash of its canonical
// form. Nanoseconds are too large to be exact in canonical JSON, so now_ns is
// added after the hash is taken; it says the same as now.
func (d document) encode() (ast.Value, string, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, "", fmt.Errorf("encode policy input: %w", err)
	}
	canonical, err := engine.Canonical(raw)
	if err != nil {
		return nil, "", fmt.Errorf("encode policy input: %w", err)
	}
	if len(canonical) > maxInput {
		return nil, "", engine.Refuse(engine.ErrInvalid, "The request is too large for the policies to look at (%d KiB, the limit is %d).", len(canonical)>>10, maxInput>>10).
			WithHint("Shorten the reason or the metadata.")
	}
	var object map[string]any
	if err := util.UnmarshalJSON(canonical, &object); err != nil {
		return nil, "", fmt.Errorf("encode policy input: %w", err)
	}
	if c, ok := object["context"].(map[string]any); ok {
		c["now_ns"] = json.Number(strconv.FormatInt(d.Context.nowNS, 10))
	}
	v, err := ast.InterfaceToValue(object)
	if err != nil {
		return nil, "", fmt.Errorf("encode policy input: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return v, hex.EncodeToString(sum[:]), nil
}
