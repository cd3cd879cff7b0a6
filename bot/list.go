package bot

import (
	"context"
	"fmt"
	"strings"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// listed is how many requests are shown at a time.
const listed = 10

func (d *Desk) status(ctx context.Context, by engine.Actor, s grammar.Status) Reply {
	if s.ID != "" {
		r, err := d.engine.Get(ctx, by, string(s.ID))
		if err != nil {
			return d.sorry("status", by, err)
		}
		c := CardOf(r)
		c.Buttons = nil // a message for one person alone has none that count
		return Reply{Cards: []Card{c}}
	}
	f := engine.Filter{
		State: engine.State(strings.ToUpper(s.State)), Requester: strings.ToLower(s.User), Provider: s.Provider,
		PageSize: listed, PageToken: s.PageToken,
	}
	if s.Mine {
		f.Requester = by.ID
	}
	if s.Pending {
		f.State = engine.Pending
	}
	if s.Limit > 0 {
		f.PageSize = min(s.Limit, 2*listed)
	}
	page, err := d.engine.List(ctx, by, f)
	if err != nil {
		return d.sorry("status", by, err)
	}
	return Reply{Say: list(page)}
}

func list(page engine.Page) Words {
	if len(page.Requests) == 0 {
		return Say("There is nothing to show.")
	}
	var ws Words
	for _, r := range page.Requests {
		ws = append(ws, Say("• ", Bold(string(r.State)), "  "+r.Requester+"  ", what(r.Target), "  for "+engine.FormatDuration(r.Duration))...)
		if r.State == engine.Active {
			ws = append(ws, Say(", until ", When(r.ExpiresAt))...)
		}
		ws = append(ws, Say("  ", Name(r.ID), "\n")...)
	}
	if page.Next != "" {
		ws = append(ws, Say("There are more. The command line shows them all: ", Name("jitsudo status"), ".")...)
	}
	return ws
}

// Home is what a person finds when they look at jitsudo itself: what is theirs,
// and what waits for them.
type Home struct {
	Ask    Button
	Own    []Card // live and waiting, newest first
	Others Words  // what waits for a decision and is not theirs
}

// Home draws a person's own page.
func (d *Desk) Home(ctx context.Context, by engine.Actor) (Home, error) {
	h := Home{Ask: Button{Action: Ask, Label: "Request access", Strong: true}}
	for _, s := range []engine.State{engine.Active, engine.Approved, engine.Pending} {
		page, err := d.engine.List(ctx, by, engine.Filter{Requester: by.ID, State: s, PageSize: listed})
		if err != nil {
			return Home{}, fmt.Errorf("list own requests: %w", err)
		}
		for _, r := range page.Requests {
			h.Own = append(h.Own, ownCard(r))
		}
	}
	page, err := d.engine.List(ctx, by, engine.Filter{State: engine.Pending, PageSize: 2 * listed})
	if err != nil {
		return Home{}, fmt.Errorf("list waiting requests: %w", err)
	}
	var others engine.Page
	for _, r := range page.Requests {
		if r.Requester != by.ID && len(others.Requests) < listed {
			others.Requests = append(others.Requests, r)
		}
	}
	if len(others.Requests) > 0 {
		h.Others = list(others)
	}
	return h, nil
}

// ownCard is a request on its requester's page, with what they may do with it.
// Decisions of others are made on the card in the channel alone.
func ownCard(r engine.Request) Card {
	c := CardOf(r)
	c.Quote, c.Buttons = "", []Button{revokeButton(r, "I'm done")}
	if r.State == engine.Pending {
		c.Buttons = []Button{cancelButton(r)}
	}
	return c
}
