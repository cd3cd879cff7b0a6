package main

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

type requestCmd struct {
	grammar.Request
	Wait    bool         `help:"Wait until the request is decided."`
	Timeout grammar.Span `help:"Wait no longer than this." placeholder:"<duration>"`
}

// Validate wants what a form would ask for.
func (c requestCmd) Validate() error {
	if missing := c.Missing(); len(missing) > 0 {
		return invalid("Missing: --%s.", strings.Join(missing, ", --"))
	}
	if c.Timeout != 0 && !c.Wait {
		return invalid("--timeout has a meaning together with --wait only.")
	}
	return nil
}

// Run asks, and waits when told to.
func (c *requestCmd) Run(ctx context.Context, a *app) error {
	if _, err := a.format("table", "json", "yaml"); err != nil {
		return err
	}
	d := c.Draft()
	d.Key = rand.Text()
	r, err := a.client.Submit(ctx, d)
	if err != nil {
		return err
	}
	if !c.Wait {
		return a.brief(r)
	}
	return c.await(ctx, a, r)
}

func (c *requestCmd) await(ctx context.Context, a *app, r engine.Request) error {
	if !engine.WaitDecision.Reached(r.State) {
		a.note("%s is %s; waiting (Ctrl-C leaves the request as it is)", r.ID, r.State)
	}
	waiting := ctx
	if c.Timeout > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, time.Duration(c.Timeout))
		defer cancel()
	}
	r, err := a.client.Wait(waiting, r.ID, engine.WaitDecision)
	if err == nil && r.State == engine.Revoking { // it may have failed: only the end tells
		r, err = a.client.Wait(waiting, r.ID, engine.WaitFinal)
	}
	if err != nil {
		return err
	}
	if err := a.brief(r); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return verdict(r, c.Timeout)
}

// verdict says how the waiting ended.
func verdict(r engine.Request, waited grammar.Span) error {
	var say string
	switch r.State {
	case engine.Pending, engine.Approved:
		return outcome{exitInVain, engine.Refuse(engine.ErrUnavailable, "Request %s is still %s after %s.", r.ID, r.State, waited).
			WithHint("`jitsudo status %s` shows how it goes on.", r.ID)}
	case engine.Rejected:
		say = "was denied by " + firstOf(r.DecidedBy, "somebody")
	case engine.Canceled:
		say = "was withdrawn"
	case engine.Lapsed:
		say = "was not decided in time"
	case engine.Failed:
		say = "was approved, but the access could not be given"
	default:
		return nil
	}
	if r.EndReason != "" {
		say += ": " + r.EndReason
	}
	return outcome{exitRefused, engine.Refuse(engine.ErrForbidden, "Request %s %s", r.ID, say)}
}

// brief prints a request the way it is printed after it was made.
func (a *app) brief(r engine.Request) error {
	if a.words.Quiet {
		return a.line(r.ID)
	}
	return a.answer(wire.FromRequest(r), func() error {
		return a.facts([]fact{
			{"Request ID", r.ID}, {"State", string(r.State)}, {"Provider", r.Target.Provider}, {"Role", r.Target.Role}, {"Scope", r.Target.Scope},
		})
	})
}
