package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

func (a *api) events(c *call) (any, error) {
	f, err := eventFilter(c)
	if err != nil {
		return nil, err
	}
	page, err := a.Engine.Events(c.ctx(), c.who, f)
	if err != nil {
		return nil, err
	}
	out := wire.Events{Events: []json.RawMessage{}, Next: page.Next}
	for _, e := range page.Events {
		raw, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("encode audit entry %d: %w", e.ID, err)
		}
		out.Events = append(out.Events, raw)
	}
	return out, nil
}

func eventFilter(c *call) (f engine.EventFilter, err error) {
	f = engine.EventFilter{
		Actor: c.text("actor_identity"), Provider: c.text("provider"), RequestID: c.text("request_id"),
		Action: c.text("action"), PageToken: c.text("page_token"),
	}
	switch c.text("order") {
	case "", "desc":
	case "asc":
		f.Ascending = true
	default:
		return f, engine.Refuse(engine.ErrInvalid, "order must be asc or desc.").On("order")
	}
	if f.Since, err = c.moment("since"); err != nil {
		return f, err
	}
	if f.Until, err = c.moment("until"); err != nil {
		return f, err
	}
	if f.After, err = c.number("after", 1<<62); err != nil {
		return f, err
	}
	if f.After > 0 && !f.Ascending {
		return f, engine.Refuse(engine.ErrInvalid, "after has a meaning with order=asc only.").On("after")
	}
	f.PageSize, err = c.pageSize()
	return f, err
}

func (a *api) whoami(c *call) (any, error) {
	groups := c.who.Groups
	if groups == nil {
		groups = []string{}
	}
	return wire.Caller{
		Identity: c.who.ID, Name: c.who.Name, Groups: groups, TrustTier: c.who.TrustTier, Admin: a.Engine.IsAdmin(c.who.Principal),
		SeesAll: a.Engine.SeesAll(c.who.Principal), Via: c.who.Via, Account: c.who.Account,
	}, nil
}

func (a *api) healthz(*call) (any, error) { return wire.Health{Status: "ok"}, nil }

// readyz tells anybody whether, and only in a sentence meant for people why not.
func (a *api) readyz(*call) (any, error) {
	if a.Ready == nil {
		return wire.Health{Status: "ready"}, nil
	}
	err := a.Ready()
	var told *engine.Refusal
	switch {
	case err == nil:
		return wire.Health{Status: "ready"}, nil
	case errors.As(err, &told):
		return nil, &engine.Refusal{Kind: engine.ErrUnavailable, Say: told.Say, Hint: told.Hint}
	}
	a.Log.Warn("not ready", "error", err)
	return nil, engine.Refuse(engine.ErrUnavailable, "The daemon is not ready.").WithHint("Its log says why.")
}

func (a *api) version(*call) (any, error) {
	return wire.Build{Version: a.Version, Go: runtime.Version(), API: wire.Base, Providers: a.Engine.Providers()}, nil
}

func (a *api) openapi(*call) (any, error) { return a.spec, nil }
