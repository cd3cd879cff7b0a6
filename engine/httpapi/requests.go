package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

func (a *api) submit(c *call) (any, error) {
	body, err := decode[wire.Draft](c.raw)
	if err != nil {
		return nil, err
	}
	d, err := body.Engine()
	if err != nil {
		return nil, err
	}
	d.Key = c.key()
	r, err := a.Engine.Submit(c.ctx(), c.who, d)
	if err == nil {
		c.reply.Header().Set("Location", wire.Base+"/requests/"+r.ID)
	}
	return found(r, err)
}

func (a *api) list(c *call) (any, error) {
	f, err := a.filter(c)
	if err != nil {
		return nil, err
	}
	page, err := a.Engine.List(c.ctx(), c.who, f)
	if err != nil {
		return nil, err
	}
	out := wire.Requests{Requests: []wire.Request{}, Next: page.Next}
	for _, r := range page.Requests {
		out.Requests = append(out.Requests, wire.FromRequest(r))
	}
	return out, nil
}

func (a *api) filter(c *call) (engine.Filter, error) {
	f := engine.Filter{
		Requester: strings.ToLower(c.text("requester_identity")), Provider: c.text("provider"), PageToken: c.text("page_token"),
		State: engine.State(strings.ToUpper(c.text("state"))),
	}
	mine, err := c.flag("mine")
	if err != nil {
		return f, err
	}
	pending, err := c.flag("pending")
	if err != nil {
		return f, err
	}
	if mine && f.Requester != "" && f.Requester != c.who.ID {
		return f, engine.Refuse(engine.ErrInvalid, "mine and requester_identity contradict each other.").On("mine")
	}
	if pending && f.State != "" && f.State != engine.Pending {
		return f, engine.Refuse(engine.ErrInvalid, "pending and state contradict each other.").On("pending")
	}
	if mine {
		f.Requester = c.who.ID
	}
	if pending {
		f.State = engine.Pending
	}
	f.PageSize, err = c.pageSize()
	return f, err
}

func (a *api) get(c *call) (any, error) {
	until, wait, err := c.waiting()
	if err != nil {
		return nil, err
	}
	if wait == 0 {
		return found(a.Engine.Get(c.ctx(), c.who, c.id()))
	}
	ctx, cancel := c.patient(wait)
	defer cancel()
	return found(a.Engine.Wait(ctx, c.who, c.id(), until))
}

// waiting says for what the caller wants to wait and how long; 0 for not.
func (c *call) waiting() (engine.WaitUntil, time.Duration, error) {
	most := uint64(wire.MaxWait / time.Second)
	seconds, err := c.number("timeout_seconds", most)
	if err != nil {
		return 0, 0, err
	}
	if c.text("timeout_seconds") == "" {
		seconds = most
	}
	wait := time.Duration(seconds) * time.Second
	switch c.text("wait_for") {
	case "":
		return 0, 0, nil
	case "decision":
		return engine.WaitDecision, wait, nil
	case "final":
		return engine.WaitFinal, wait, nil
	}
	return 0, 0, engine.Refuse(engine.ErrInvalid, "wait_for must be decision or final.").On("wait_for")
}

func (a *api) approve(c *call) (any, error) {
	body, err := decode[wire.Yes](c.raw)
	if err != nil {
		return nil, err
	}
	length, err := body.Duration()
	if err != nil {
		return nil, err
	}
	return found(a.Engine.Approve(c.ctx(), c.who, engine.Verdict{RequestID: c.id(), Comment: body.Comment, Duration: length, Key: c.key()}))
}

// saying is a route of which the body is a reason.
func (a *api) saying(do func(context.Context, engine.Actor, engine.Verdict) (engine.Request, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		body, err := decode[wire.Why](c.raw)
		if err != nil {
			return nil, err
		}
		return found(do(c.ctx(), c.who, engine.Verdict{RequestID: c.id(), Comment: body.Reason, Key: c.key()}))
	}
}

func (a *api) cancel(c *call) (any, error) {
	if _, err := decode[wire.Nothing](c.raw); err != nil {
		return nil, err
	}
	return found(a.Engine.Cancel(c.ctx(), c.who, engine.Verdict{RequestID: c.id(), Key: c.key()}))
}

// credentials answers a GET and yet leaves a trace: each issue is on record. A
// page that merely looks ahead must not cause one.
func (a *api) credentials(c *call) (any, error) {
	if c.http.Method != http.MethodGet || c.http.Header.Get("Sec-Purpose") != "" {
		return nil, engine.Refuse(engine.ErrInvalid, "Credentials are minted for a plain GET only.")
	}
	creds, err := a.Engine.Credentials(c.ctx(), c.who, c.id())
	if err != nil {
		return nil, err
	}
	return wire.FromCredentials(c.id(), creds), nil
}
