package bolt_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
	"github.com/jitsudo-chat/jitsudo/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) engine.Store { return open(t, place(t)) })
}

// place returns a path for a database in a folder of its own.
func place(tb testing.TB) string {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	return filepath.Join(dir, "jitsudo.db")
}

// open opens a store that is closed, and its file checked, when the test ends.
func open(tb testing.TB, path string) *bolt.Store {
	tb.Helper()
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx := context.Background() // the test's own has ended
		if s.Err() == nil {
			if err := s.Check(ctx); err != nil {
				tb.Error(err)
			}
		}
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// request returns a plain request with the number n.
func request(n int) engine.Request {
	at := noon.Add(time.Duration(n) * time.Second)
	return engine.Request{
		ID: fmt.Sprintf("req_%08d", n), Version: 1, State: engine.Pending, Requester: "alice@example.com",
		Target: engine.Target{Provider: "sandbox", Role: "admin", Scope: "prod"},
		Reason: "to fix it", Duration: time.Hour, CreatedAt: at, UpdatedAt: at,
		Terms: engine.Terms{Required: 1, ApproverGroups: []string{"sre-leads"}},
	}
}

// created is the entry about the creation of r.
func created(r engine.Request) engine.Event {
	return engine.Event{
		At: r.CreatedAt, Actor: r.Requester, Action: engine.EvCreated, RequestID: r.ID, Provider: r.Target.Provider,
		Scope: r.Target.Scope, Outcome: engine.Success, Requester: r.Requester, Details: map[string]any{"role": r.Target.Role},
	}
}

func mustCreate(tb testing.TB, s engine.Store, r engine.Request) {
	tb.Helper()
	if err := s.Create(tb.Context(), r, created(r)); err != nil {
		tb.Fatal(err)
	}
}
