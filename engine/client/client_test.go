package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/client"
)

// against returns a client of a server that answers with h.
func against(t *testing.T, h http.HandlerFunc) *client.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := client.New(client.Options{Server: s.URL, Token: "jsu_secret", Via: engine.ViaCLI})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func problem(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"status":%d,"code":%q,"detail":"Say.","hint":"Hint.","field":"resource_scope"}`, status, code)
	}
}

func TestErrorsArriveAsTheEnginesKinds(t *testing.T) {
	for code, want := range map[string]error{
		"invalid": engine.ErrInvalid, "forbidden": engine.ErrForbidden, "unauthenticated": client.ErrUnauthenticated, "not_found": engine.ErrNotFound,
		"conflict": engine.ErrConflict, "rate_limited": engine.ErrLimited, "unavailable": engine.ErrUnavailable, "internal": client.ErrInternal, "novel": client.ErrInternal,
	} {
		t.Run(code, func(t *testing.T) {
			_, err := against(t, problem(400, code)).Get(t.Context(), "req_1")
			var r *engine.Refusal
			if !errors.Is(err, want) || !errors.As(err, &r) {
				t.Fatalf("error %v, want one of kind %v", err, want)
			}
			if r.Say != "Say." || r.Hint != "Hint." || r.Field != "scope" {
				t.Errorf("%+v", r)
			}
		})
	}
	_, err := against(t, problem(401, "unauthenticated")).Whoami(t.Context())
	if !errors.Is(err, engine.ErrForbidden) {
		t.Errorf("%v is no kind of forbidden", err)
	}
}

func TestStrangeServersAreNotTrusted(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		says string
	}{
		"RedirectIsNotFollowed": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}, "points to somewhere else"},
		"ErrorPageOfAProxy":     {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusBadGateway) }, "502 Bad Gateway"},
		"AnswerIsNoJSON":        {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, "could not be understood"},
		"AnswerWithoutARequest": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }, "holds no request"},
		"EndlessAnswer": {func(w http.ResponseWriter, _ *http.Request) {
			for chunk := []byte(strings.Repeat(" ", 1<<20)); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, "larger than any"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := against(t, c.h).Submit(t.Context(), engine.Draft{})
			if !errors.Is(err, engine.ErrUnavailable) || errors.Is(err, client.ErrUnreachable) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want %q", err, c.says)
			}
		})
	}
	if elsewhere.Load() != 0 {
		t.Error("a call was carried on to another server")
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for server, hint := range map[string]string{
		closed: "Nothing listens there", "unix://" + filepath.Join(t.TempDir(), "no.sock"): "There is no such socket",
	} {
		c, err := client.New(client.Options{Server: server})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Whoami(t.Context())
		if !errors.Is(err, client.ErrUnreachable) || !errors.Is(err, engine.ErrUnavailable) || !strings.Contains(engine.Explain(err), hint) {
			t.Errorf("%s: %v", server, err)
		}
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	for _, server := range []string{
		"ftp://x", "x", "unix:relative", "unix://host/path", "http://", "http://example.com", "http://u:p@127.0.0.1", "https://x?y", "://", "http://127.0.0.1.example.com", "http://[::2]",
	} {
		if _, err := client.New(client.Options{Server: server}); !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("%q: %v, want invalid", server, err)
		}
	}
	for _, server := range []string{"", "unix:///s", "http://localhost:1", "http://127.0.0.9", "http://[::1]:2", "https://example.com/base/"} {
		if _, err := client.New(client.Options{Server: server}); err != nil {
			t.Errorf("%q: %v", server, err)
		}
	}
	if _, err := client.New(client.Options{Token: "a\nb"}); !errors.Is(err, engine.ErrInvalid) || strings.Contains(err.Error(), "a\nb") {
		t.Errorf("a token with a line break: %v", err)
	}
}

// A request may be anything; it never leaves its place in the path.
func TestIDStaysInItsPlace(t *testing.T) {
	var path atomic.Value
	c := against(t, func(w http.ResponseWriter, r *http.Request) {
		path.Store(r.URL.EscapedPath())
		problem(404, "not_found")(w, r)
	})
	_, _ = c.Get(t.Context(), "../whoami?x#y")
	if got := path.Load(); got != "/api/v1alpha1/requests/..%2Fwhoami%3Fx%23y" {
		t.Errorf("path %v", got)
	}
}

func TestWaitOutlivesARestartAndEndsWithItsTime(t *testing.T) {
	var calls atomic.Int32
	c := against(t, func(w http.ResponseWriter, r *http.Request) {
		switch n := calls.Add(1); {
		case n == 2:
			problem(503, "unavailable")(w, r)
		case n < 4:
			_, _ = w.Write([]byte(`{"request":{"id":"req_1","state":"PENDING"}}`))
		default:
			_, _ = w.Write([]byte(`{"request":{"id":"req_1","state":"ACTIVE"}}`))
		}
	})
	r, err := c.Wait(t.Context(), "req_1", engine.WaitDecision)
	if err != nil || r.State != engine.Active {
		t.Errorf("%s %v, want ACTIVE", r.State, err)
	}
	pending := against(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("wait_for") {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write([]byte(`{"request":{"id":"req_1","state":"PENDING"}}`))
	})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if r, err = pending.Wait(ctx, "req_1", engine.WaitDecision); err != nil || r.State != engine.Pending {
		t.Errorf("%s %v, want PENDING when the time is up", r.State, err)
	}
	gone := against(t, problem(404, "not_found"))
	if _, err = gone.Wait(t.Context(), "req_1", engine.WaitFinal); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("%v, want not found", err)
	}
}
