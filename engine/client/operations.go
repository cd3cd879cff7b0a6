package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

// Submit asks for access.
func (c *Client) Submit(ctx context.Context, d engine.Draft) (engine.Request, error) {
	return c.one(ctx, call{method: http.MethodPost, path: wire.Base + "/requests", body: wire.FromDraft(d), key: d.Key})
}

// Approve says yes.
func (c *Client) Approve(ctx context.Context, v engine.Verdict) (engine.Request, error) {
	body := wire.Yes{Comment: v.Comment, Seconds: int64((v.Duration + time.Second - 1) / time.Second)}
	return c.say(ctx, v, "/approve", body)
}

// Deny says no; v.Comment is the reason.
func (c *Client) Deny(ctx context.Context, v engine.Verdict) (engine.Request, error) {
	return c.say(ctx, v, "/deny", wire.Why{Reason: v.Comment})
}

// Cancel withdraws a request that waits.
func (c *Client) Cancel(ctx context.Context, v engine.Verdict) (engine.Request, error) {
	return c.say(ctx, v, "/cancel", wire.Nothing{})
}

// Revoke ends access early; v.Comment is the reason.
func (c *Client) Revoke(ctx context.Context, v engine.Verdict) (engine.Request, error) {
	return c.say(ctx, v, "/revoke", wire.Why{Reason: v.Comment})
}

func (c *Client) say(ctx context.Context, v engine.Verdict, what string, body any) (engine.Request, error) {
	return c.one(ctx, call{method: http.MethodPost, path: pathOf(v.RequestID) + what, body: body, key: v.Key})
}

// Get returns one request.
func (c *Client) Get(ctx context.Context, id string) (engine.Request, error) {
	return c.one(ctx, call{method: http.MethodGet, path: pathOf(id)})
}

func (c *Client) one(ctx context.Context, k call) (engine.Request, error) {
	var out wire.One
	if err := c.do(ctx, k, &out); err != nil {
		return engine.Request{}, err
	}
	if out.Request.ID == "" {
		return engine.Request{}, c.strange("its answer holds no request")
	}
	return out.Request.Engine(), nil
}

func pathOf(id string) string { return wire.Base + "/requests/" + url.PathEscape(id) }

// Restarts of the daemon are sat out for so long, looking so often.
const (
	restartPause = time.Second
	restartTries = 60
)

// Wait returns the request once it has got there, or as it is when ctx ends. It
// survives a restart of the daemon.
func (c *Client) Wait(ctx context.Context, id string, until engine.WaitUntil) (engine.Request, error) {
	r, err := c.Get(context.WithoutCancel(ctx), id)
	for tries := 0; !until.Reached(r.State) && ctx.Err() == nil; {
		if err != nil && (!errors.Is(err, engine.ErrUnavailable) || r.ID == "" || tries >= restartTries) {
			return r, err
		}
		if err != nil {
			tries++
			pause(ctx, restartPause)
		} else {
			tries = 0
		}
		var next engine.Request
		if next, err = c.waitOnce(ctx, id, until); err == nil {
			r = next
		}
	}
	switch {
	case r.ID == "" || until.Reached(r.State):
		return r, err
	case errors.Is(ctx.Err(), context.DeadlineExceeded): // the last answer may have been lost on the way
		return c.Get(context.WithoutCancel(ctx), id)
	}
	return r, nil
}

func (c *Client) waitOnce(ctx context.Context, id string, until engine.WaitUntil) (engine.Request, error) {
	wait := wire.MaxWait
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, max(time.Until(deadline), 0))
	}
	q := url.Values{"wait_for": {"decision"}, "timeout_seconds": {strconv.Itoa(int((wait + time.Second - 1) / time.Second))}}
	if until == engine.WaitFinal {
		q.Set("wait_for", "final")
	}
	return c.one(ctx, call{method: http.MethodGet, path: pathOf(id), query: q, wait: wait})
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Query selects requests; Mine are the caller's own.
type Query struct {
	engine.Filter
	Mine bool
}

// List returns a page of requests, newest first.
func (c *Client) List(ctx context.Context, f Query) (engine.Page, error) {
	q := values(map[string]string{
		"requester_identity": f.Requester, "state": string(f.State), "provider": f.Provider, "page_token": f.PageToken,
	}, f.PageSize)
	if f.Mine {
		q.Set("mine", "true")
	}
	var out wire.Requests
	if err := c.do(ctx, call{method: http.MethodGet, path: wire.Base + "/requests", query: q}, &out); err != nil {
		return engine.Page{}, err
	}
	page := engine.Page{Next: out.Next}
	for _, r := range out.Requests {
		page.Requests = append(page.Requests, r.Engine())
	}
	return page, nil
}

// EventPage is one page of the audit log. The entries are as the daemon wrote
// them, byte for byte what their hashes cover once they are canonical.
type EventPage struct {
	Entries []json.RawMessage
	Next    string
}

// Events returns a page of the audit log.
func (c *Client) Events(ctx context.Context, f engine.EventFilter) (EventPage, error) {
	q := values(map[string]string{
		"actor_identity": f.Actor, "provider": f.Provider, "request_id": f.RequestID, "action": f.Action, "page_token": f.PageToken,
		"since": stamp(f.Since), "until": stamp(f.Until),
	}, f.PageSize)
	if f.Ascending {
		q.Set("order", "asc")
	}
	if f.After > 0 {
		q.Set("after", strconv.FormatUint(f.After, 10))
	}
	var out wire.Events
	err := c.do(ctx, call{method: http.MethodGet, path: wire.Base + "/audit", query: q}, &out)
	return EventPage{out.Events, out.Next}, err
}

func values(texts map[string]string, pageSize int) url.Values {
	q := url.Values{}
	for name, v := range texts {
		if v != "" {
			q.Set(name, v)
		}
	}
	if pageSize > 0 {
		q.Set("page_size", strconv.Itoa(pageSize))
	}
	return q
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Credentials mints credentials for the caller's own live access.
func (c *Client) Credentials(ctx context.Context, id string) (engine.Credentials, error) {
	var out wire.Granted
	if err := c.do(ctx, call{method: http.MethodGet, path: pathOf(id) + "/credentials"}, &out); err != nil {
		return engine.Credentials{}, err
	}
	return out.Grant.Engine(), nil
}

// Whoami returns the caller as the daemon sees them.
func (c *Client) Whoami(ctx context.Context) (wire.Caller, error) {
	var out wire.Caller
	err := c.do(ctx, call{method: http.MethodGet, path: wire.Base + "/whoami"}, &out)
	return out, err
}

// Version says which daemon answers.
func (c *Client) Version(ctx context.Context) (wire.Build, error) {
	var out wire.Build
	err := c.do(ctx, call{method: http.MethodGet, path: "/version"}, &out)
	return out, err
}

// Ready returns nil when the daemon can do its work, and otherwise why not.
func (c *Client) Ready(ctx context.Context) error {
	var out wire.Health
	return c.do(ctx, call{method: http.MethodGet, path: "/readyz"}, &out)
}
