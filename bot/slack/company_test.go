package slack_test

import (
	"context"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// people is the directory of the small company.
type people map[string][]string

func (p people) Lookup(_ context.Context, id string) (engine.Principal, error) {
	groups, ok := p[id]
	if !ok {
		return engine.Principal{}, engine.ErrNotFound
	}
	return engine.Principal{ID: id, Groups: groups}, nil
}

// rules is a policy in a function.
type rules func(engine.Question) engine.Decision

func (f rules) Decide(_ context.Context, q engine.Question) (engine.Decision, error) {
	d := f(q)
	d.Revision = "test"
	return d, nil
}

func (rules) Revision() string { return "test" }

// company is the policy of the small company: viewers at once, break-glass for
// those on duty, the rest by its leads or by security; "admin" on prod by both.
func company(q engine.Question) engine.Decision {
	leads := []string{"sre-leads", "security"}
	switch q.Action {
	case engine.ActBreakGlass:
		return engine.Decision{Allowed: q.User.In("sre"), Reasons: []string{"Break-glass is for those on duty."}, Terms: engine.Terms{Tier: engine.TierAuto, ApproverGroups: leads}}
	case engine.ActRequest:
		if q.Request.Target.Role == "viewer" {
			return engine.Decision{Allowed: true, Terms: engine.Terms{Tier: engine.TierAuto}}
		}
		n := 1
		if q.Request.Target.Role == "admin" && q.Request.Target.Scope == "prod" {
			n = 2
		}
		return engine.Decision{Allowed: true, Terms: engine.Terms{Required: n, ApproverGroups: leads}}
	}
	ok := q.User.In("sre-leads") || q.User.In("security")
	return engine.Decision{Allowed: ok, Reasons: []string{"Only the leads and security decide on this."}}
}
