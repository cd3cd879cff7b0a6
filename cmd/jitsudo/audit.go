package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

type auditCmd struct {
	List   auditListCmd   `cmd:"" default:"withargs" hidden:"" help:"Read the audit log, newest first."`
	Verify auditVerifyCmd `cmd:"" help:"Check the whole chain, from the daemon or from an exported file."`
	Export auditExportCmd `cmd:"" help:"Print the whole log, oldest first, in a form that can be verified."`
}

type auditListCmd struct {
	User     string `help:"Only what this person did." placeholder:"<who>"`
	Provider string `help:"Only this provider." placeholder:"<name>"`
	Request  string `help:"Only this request." placeholder:"<id>"`
	Action   string `help:"Only this action, for example request.approved." placeholder:"<action>"`
	Since    string `help:"Not before: 24h, 7d or a time." placeholder:"<when>"`
	Until    string `help:"Before: 24h, 7d or a time." placeholder:"<when>"`
	Limit    int    `help:"At most so many." default:"100" placeholder:"<n>"`
}

// Run prints entries, newest first.
func (c *auditListCmd) Run(ctx context.Context, a *app) error {
	format, err := a.format("table", "json", "yaml", "csv", "ndjson")
	if err != nil {
		return err
	}
	entries, err := c.collect(ctx, a)
	if err != nil {
		return err
	}
	switch format {
	case "table":
		return a.auditTable(entries)
	case "csv", "ndjson":
		return a.printEntries(format, slices.Values(entries))
	}
	if entries == nil {
		entries = []json.RawMessage{}
	}
	return a.document(format, wire.Events{Events: entries})
}

func (c *auditListCmd) collect(ctx context.Context, a *app) ([]json.RawMessage, error) {
	if c.Limit <= 0 {
		return nil, invalid("--limit must be at least 1.")
	}
	f := engine.EventFilter{Actor: c.User, Provider: c.Provider, RequestID: c.Request, Action: c.Action}
	var err error
	if f.Since, err = moment("--since", c.Since, time.Now()); err != nil {
		return nil, err
	}
	if f.Until, err = moment("--until", c.Until, time.Now()); err != nil {
		return nil, err
	}
	var all []json.RawMessage
	for {
		f.PageSize = min(c.Limit-len(all), engine.MaxPage)
		page, err := a.client.Events(ctx, f)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Entries...)
		if f.PageToken = page.Next; page.Next == "" || len(all) >= c.Limit {
			return all, nil
		}
	}
}

// moment reads a time, or how long ago it was.
func moment(flag, s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	ago, err := engine.ParseDuration(s)
	if err != nil {
		return time.Time{}, invalid("%s must be a time or how long ago, not %q.", flag, engine.OneLine(s, 40)).WithHint("Write for example 24h, 7d or 2026-01-31T12:00:00Z.")
	}
	return now.Add(-ago).UTC(), nil
}

func (a *app) auditTable(entries []json.RawMessage) error {
	var rows [][]string
	for _, raw := range entries {
		var e engine.Event
		if err := json.Unmarshal(raw, &e); err != nil {
			return fmt.Errorf("read audit entry: %w", err)
		}
		rows = append(rows, []string{
			fmt.Sprint(e.ID), clock(e.At), e.Actor, e.Action, string(e.Outcome), e.RequestID, strings.TrimSpace(e.Provider + " " + e.Scope), gist(e.Details),
		})
		if a.words.Quiet {
			if err := a.line(fmt.Sprint(e.ID)); err != nil {
				return err
			}
		}
	}
	switch {
	case a.words.Quiet:
		return nil
	case len(rows) == 0:
		a.note("no entries")
		return nil
	}
	return a.table([]string{"ID", "TIME", "ACTOR", "ACTION", "OUTCOME", "REQUEST", "WHERE", "DETAILS"}, rows)
}

// gist is what of the details fits into a table.
func gist(details map[string]any) string {
	for _, name := range []string{"reason", "comment", "error"} {
		if s, ok := details[name].(string); ok && s != "" {
			return s
		}
	}
	if details["break_glass"] == true {
		return "break-glass"
	}
	return ""
}
