package storetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// noon is when every test begins.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 123456789, time.UTC)

// pending returns a plain request with the number n.
func pending(n int) engine.Request {
	at := noon.Add(time.Duration(n) * time.Second)
	return engine.Request{
		ID:        fmt.Sprintf("req_%06d", n),
		Version:   1,
		State:     engine.Pending,
		Requester: "alice@example.com",
		Target:    engine.Target{Provider: "sandbox", Role: "admin", Scope: "prod"},
		Reason:    "to fix it",
		Duration:  time.Hour,
		Terms:     engine.Terms{Tier: engine.TierHuman, Required: 1, ApproverGroups: []string{"sre-leads"}},
		CreatedAt: at,
		UpdatedAt: at,
	}
}

// full returns a request with every field set.
func full() engine.Request {
	r := pending(7)
	r.State, r.Revision = engine.Active, 3
	r.RequesterAccount = engine.Account{System: "slack", Realm: "T1", Subject: "U1"}
	r.RequesterVia, r.BreakGlass, r.Ticket, r.Channel = engine.ViaSlack, true, "OPS-1", "C1"
	r.Reason = "line one\nline two \u202e <!channel> \x00 \U0001F525"
	r.Metadata = map[string]string{"a": "1", "ü": ""}
	r.Terms.Assurance, r.Terms.Channel, r.Terms.PolicyRevision = engine.AssuranceStepUp, "C2", "sha256:0"
	r.Terms.Approvers, r.Terms.Notify = []string{"bob@example.com"}, []string{"@oncall"}
	r.Approvals = []engine.Approval{{Approver: "bob@example.com", Groups: []string{"sre-leads"}, Comment: "yes",
		At: noon, Via: engine.ViaAPI, Account: engine.Account{System: "slack", Realm: "T1", Subject: "U2"}}}
	r.DecidedBy, r.EndReason, r.EndState = "bob@example.com", "over", engine.Revoked
	r.PendingUntil, r.DecidedAt, r.GrantedAt = noon.Add(1), noon.Add(2), noon.Add(3)
	r.ExpiresAt, r.EndedAt, r.Failure, r.WallDeadline = noon.Add(4), noon.Add(5), "no", noon.Add(6)
	r.Work = engine.Work{Tries: 2, NextAt: noon, LeaseUntil: noon, UncertainAt: noon, Error: "e", Warned: true, CheckedAt: noon}
	r.Drawing = engine.Drawing{
		Card: engine.Message{Chat: "slack", Channel: "C1", ID: "1.2", Link: "https://x"},
		Call: engine.Message{ID: "1.3"}, Alert: engine.Message{ID: "1.4"}, Direct: engine.Message{ID: "1.5"},
		Version: 9, Told: 4, Tries: 1, NextAt: noon, LeaseUntil: noon, Error: "x",
	}
	r.Keys = []string{"k1", "k2"}
	r.WakeAt, r.DrawAt = noon.Add(time.Hour), noon.Add(time.Minute)
	return r
}

// event returns an entry about r.
func event(r engine.Request, action string) engine.Event {
	return engine.Event{
		At: r.CreatedAt, Actor: r.Requester, Action: action, RequestID: r.ID, Provider: r.Target.Provider,
		Scope: r.Target.Scope, Outcome: engine.Success, Requester: r.Requester,
		Details: map[string]any{"role": r.Target.Role, "n": 1.5, "list": []any{"a", true}},
	}
}

func create(t testing.TB, s engine.Store, r engine.Request, events ...engine.Event) {
	t.Helper()
	if err := s.Create(t.Context(), r, events...); err != nil {
		t.Fatalf("Create %s: %v", r.ID, err)
	}
}

func get(t testing.TB, s engine.Store, id string) engine.Request {
	t.Helper()
	r, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatalf("Get %s: %v", id, err)
	}
	return r
}

func update(t testing.TB, s engine.Store, id string, change func(*engine.Request) ([]engine.Event, error)) engine.Request {
	t.Helper()
	r, err := s.Update(t.Context(), id, change)
	if err != nil {
		t.Fatalf("Update %s: %v", id, err)
	}
	return r
}

func headOf(t testing.TB, s engine.Store) engine.Head {
	t.Helper()
	h, err := s.Head(t.Context())
	if err != nil {
		t.Fatalf("Head: %v", err)
	}
	return h
}

// same fails unless two values read the same as JSON.
func same(t testing.TB, got, want any) {
	t.Helper()
	g, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(g, w) {
		t.Fatalf("got  %s\nwant %s", g, w)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

// list reads a whole list page by page and returns the IDs.
func list(t testing.TB, s engine.Store, f engine.Filter) []string {
	t.Helper()
	ids := []string{}
	for {
		page, err := s.List(t.Context(), f)
		if err != nil {
			t.Fatalf("List %+v: %v", f, err)
		}
		for _, r := range page.Requests {
			ids = append(ids, r.ID)
		}
		if page.Next == "" {
			return ids
		}
		if len(page.Requests) == 0 {
			t.Fatal("an empty page says that another follows")
		}
		f.PageToken = page.Next
	}
}

// events reads a whole log page by page.
func events(t testing.TB, s engine.Store, f engine.EventFilter) []engine.Event {
	t.Helper()
	all := []engine.Event{}
	for {
		page, err := s.Events(t.Context(), f)
		if err != nil {
			t.Fatalf("Events %+v: %v", f, err)
		}
		all = append(all, page.Events...)
		if page.Next == "" {
			return all
		}
		if len(page.Events) == 0 {
			t.Fatal("an empty page says that another follows")
		}
		f.PageToken = page.Next
	}
}

// verify checks the whole chain, entry by entry, up to the head.
func verify(t testing.TB, s engine.Store) []engine.Event {
	t.Helper()
	at := engine.Head{Hash: engine.ZeroHash}
	all := events(t, s, engine.EventFilter{Ascending: true, PageSize: engine.MaxPage})
	for i, e := range all {
		next, err := e.Verify(at)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && e.At.Before(all[i-1].At) {
			t.Fatalf("entry %d is dated before the one it follows", e.ID)
		}
		at = next
	}
	if h := headOf(t, s); h != at {
		t.Fatalf("head %+v, but the log ends in %+v", h, at)
	}
	return all
}

func ids(events []engine.Event) []uint64 {
	list := []uint64{}
	for _, e := range events {
		list = append(list, e.ID)
	}
	return list
}
