package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"strings"
	"syscall"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

// Kinds of error that only another process can have.
var (
	// ErrUnreachable: no daemon answers there. It is a kind of ErrUnavailable.
	ErrUnreachable = fmt.Errorf("unreachable: %w", engine.ErrUnavailable)
	// ErrUnauthenticated: the daemon does not know who calls. It is a kind of ErrForbidden.
	ErrUnauthenticated error = wire.ErrUnauthenticated
	// ErrInternal: something broke inside the daemon.
	ErrInternal = errors.New("internal")
)

var kinds = map[string]error{
	"invalid": engine.ErrInvalid, "forbidden": engine.ErrForbidden, "unauthenticated": ErrUnauthenticated, "not_found": engine.ErrNotFound,
	"conflict": engine.ErrConflict, "rate_limited": engine.ErrLimited, "unavailable": engine.ErrUnavailable, "step_up_required": engine.ErrForbidden,
}

// problem turns an answer that is an error into the engine's own.
func (c *Client) problem(resp *http.Response, raw []byte) error {
	var p wire.Problem
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if kind != "application/problem+json" || json.Unmarshal(raw, &p) != nil || p.Detail == "" {
		return c.strange(fmt.Sprintf("it answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
	}
	r := &engine.Refusal{Kind: ErrInternal, Say: p.Detail, Hint: p.Hint, Field: wire.EngineField(p.Field)}
	if k, ok := kinds[p.Code]; ok {
		r.Kind = k
	}
	return r
}

// strange says that something answers there that is no jitsudod.
func (c *Client) strange(why string) error {
	return engine.Refuse(engine.ErrUnavailable, "The server at %s does not answer as jitsudod does: %s.", engine.OneLine(c.server, 100), why).
		WithHint("Check --server.")
}

// unreachable says in a sentence why nobody answers.
func (c *Client) unreachable(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	r := engine.Refuse(ErrUnreachable, "The server at %s cannot be reached.", engine.OneLine(c.server, 100))
	var onSocket = strings.HasPrefix(c.server, "unix:")
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return r.WithHint("It did not answer in time; try again in a moment.")
	case onSocket && errors.Is(err, fs.ErrNotExist):
		return r.WithHint("There is no such socket: start jitsudod, or name another server with --server.")
	case onSocket && errors.Is(err, fs.ErrPermission):
		return r.WithHint("You may not open the socket: ask to be added to its group, or name another server with --server.")
	case errors.Is(err, syscall.ECONNREFUSED):
		return r.WithHint("Nothing listens there: start jitsudod, or name another server with --server.")
	}
	return r.WithHint("Check the address and the network: %s.", engine.OneLine(rootCause(err).Error(), 200))
}

func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
