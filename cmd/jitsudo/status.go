package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/client"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

type statusCmd struct {
	grammar.Status
}

// Validate keeps one request and a list of them apart.
func (c statusCmd) Validate() error {
	filtered := c.Mine || c.Pending || c.State != "" || c.User != "" || c.Status.Provider != "" || c.Limit != 0 || c.PageToken != ""
	switch {
	case c.ID != "" && filtered:
		return invalid("A request ID and filters do not go together.")
	case c.Pending && c.State != "" && !strings.EqualFold(c.State, string(engine.Pending)):
		return invalid("--pending and --state contradict each other.")
	case c.Limit < 0:
		return invalid("--limit must not be negative.")
	}
	return nil
}

// Run shows one request in full, or a page of them.
func (c *statusCmd) Run(ctx context.Context, a *app) error {
	if c.ID == "" {
		return c.list(ctx, a)
	}
	r, err := a.client.Get(ctx, c.ID.String())
	if err != nil {
		return err
	}
	if a.words.Quiet {
		return a.line(r.ID)
	}
	return a.answer(wire.FromRequest(r), func() error { return a.facts(full(r)) })
}

func (a *app) line(s string) error {
	_, err := fmt.Fprintln(a.out, oneLine(s))
	return err
}

func full(r engine.Request) []fact {
	return append(append([]fact{
		{"Request ID", r.ID}, {"State", string(r.State)}, {"Provider", r.Target.Provider}, {"Role", r.Target.Role}, {"Scope", r.Target.Scope},
		{"Requester", r.Requester}, {"Duration", engine.FormatDuration(r.Duration)}, {"Reason", r.Reason},
		{"Break-glass", yes(r.BreakGlass)}, {"Ticket", r.Ticket}, {"Approvals", approvals(r)}, {"Can approve", deciders(r)},
		{"Decided by", r.DecidedBy}, {"End reason", r.EndReason},
	}, times(r)...), fact{"Card", r.Drawing.Card.Link})
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func approvals(r engine.Request) string {
	if r.Terms.Required == 0 && len(r.Approvals) == 0 {
		return "none needed"
	}
	lines := []string{fmt.Sprintf("%d of %d", len(r.Approvals), r.Terms.Required)}
	for _, a := range r.Approvals {
		line := fmt.Sprintf("%s, %s, via %s", a.Approver, clock(a.At), a.Via)
		if a.Comment != "" {
			line += ": " + oneLine(a.Comment)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func deciders(r engine.Request) string {
	if r.State != engine.Pending {
		return ""
	}
	return strings.Join(append(append([]string{}, r.Terms.ApproverGroups...), r.Terms.Approvers...), ", ")
}

func times(r engine.Request) []fact {
	all := []fact{{"Created", clock(r.CreatedAt)}}
	if r.State == engine.Pending {
		all = append(all, fact{"Lapses", clock(r.PendingUntil)})
	}
	return append(all, fact{"Decided", clock(r.DecidedAt)}, fact{"Granted", clock(r.GrantedAt)}, fact{"Expires", clock(r.ExpiresAt)}, fact{"Ended", clock(r.EndedAt)})
}

// clock writes a time the way everything here writes times.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (c *statusCmd) list(ctx context.Context, a *app) error {
	page, err := c.collect(ctx, a)
	if err != nil {
		return err
	}
	out := wire.Requests{Requests: []wire.Request{}, Next: page.Next}
	var rows [][]string
	for _, r := range page.Requests {
		if a.words.Quiet {
			if err := a.line(r.ID); err != nil {
				return err
			}
			continue
		}
		out.Requests = append(out.Requests, wire.FromRequest(r))
		rows = append(rows, []string{
			r.ID, string(r.State), r.Requester, r.Target.Provider, r.Target.Role, r.Target.Scope, engine.FormatDuration(r.Duration), clock(r.CreatedAt),
		})
	}
	if page.Next != "" {
		a.note("there are more: go on with --page-token %s", page.Next)
	}
	if a.words.Quiet {
		return nil
	}
	return a.answer(out, func() error {
		if len(rows) == 0 {
			a.note("no requests")
			return nil
		}
		return a.table([]string{"REQUEST ID", "STATE", "REQUESTER", "PROVIDER", "ROLE", "SCOPE", "DURATION", "CREATED"}, rows)
	})
}

// collect reads one page, or as many as --limit wants.
func (c *statusCmd) collect(ctx context.Context, a *app) (engine.Page, error) {
	q := client.Query{Mine: c.Mine, Filter: engine.Filter{
		Requester: c.User, State: engine.State(strings.ToUpper(c.State)), Provider: c.Status.Provider, PageToken: c.PageToken,
	}}
	if c.Pending {
		q.State = engine.Pending
	}
	var all engine.Page
	for {
		if c.Limit > 0 {
			q.PageSize = min(c.Limit-len(all.Requests), engine.MaxPage)
		}
		page, err := a.client.List(ctx, q)
		if err != nil {
			return all, err
		}
		all.Requests, all.Next = append(all.Requests, page.Requests...), page.Next
		if q.PageToken = page.Next; page.Next == "" || len(all.Requests) >= c.Limit {
			return all, nil
		}
	}
}
