package storetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/jitsudo-chat/jitsudo/engine"
)

var createCases = []kase{
	{"every field comes back as it was", func(t *testing.T, s engine.Store) {
		r := full()
		create(t, s, r, event(r, engine.EvCreated))
		same(t, get(t, s, r.ID), r)
	}},
	{"a request that is not there is ErrNotFound", func(t *testing.T, s engine.Store) {
		for _, id := range []string{"req_000001", "", "\x00", strings.Repeat("x", 40000)} {
			_, err := s.Get(t.Context(), id)
			wantErr(t, err, engine.ErrNotFound)
		}
	}},
	{"an ID that is there is ErrConflict and nothing is written", func(t *testing.T, s engine.Store) {
		r := pending(1)
		create(t, s, r, event(r, engine.EvCreated))
		again := pending(1)
		again.Reason = "another"
		wantErr(t, s.Create(t.Context(), again, event(again, engine.EvCreated)), engine.ErrConflict)
		same(t, get(t, s, r.ID), r)
		same(t, headOf(t, s).ID, 1)
	}},
	{"the same requester and key is a DuplicateError that names the first", func(t *testing.T, s engine.Store) {
		first, second := pending(1), pending(2)
		first.Keys, second.Keys = []string{"k"}, []string{"k"}
		create(t, s, first, event(first, engine.EvCreated))
		err := s.Create(t.Context(), second, event(second, engine.EvCreated))
		var duplicate *engine.DuplicateError
		if !errors.As(err, &duplicate) || duplicate.ID != first.ID {
			t.Fatalf("error %v, want a DuplicateError for %s", err, first.ID)
		}
		wantErr(t, err, engine.ErrConflict)
		_, err = s.Get(t.Context(), second.ID)
		wantErr(t, err, engine.ErrNotFound)
		same(t, headOf(t, s).ID, 1)
	}},
	{"the key counts still when the first is over", func(t *testing.T, s engine.Store) {
		first, second := pending(1), pending(2)
		first.Keys, second.Keys = []string{"k"}, []string{"k"}
		create(t, s, first)
		update(t, s, first.ID, func(r *engine.Request) ([]engine.Event, error) {
			r.State, r.Keys = engine.Canceled, append(r.Keys, "cancel-key")
			return nil, nil
		})
		var duplicate *engine.DuplicateError
		if err := s.Create(t.Context(), second); !errors.As(err, &duplicate) {
			t.Fatalf("error %v, want a DuplicateError", err)
		}
	}},
	{"the same key of another requester is another request", func(t *testing.T, s engine.Store) {
		pairs := [][2]string{{"a", "b"}, {"ab", ""}, {"a", "bc"}, {"ab", "c"}, {"a\x00b", "c"}, {"a", "b\x00c"}, {"b", "b"}}
		for n, p := range pairs {
			r := pending(n)
			r.Requester, r.Keys = p[0], []string{p[1]}
			create(t, s, r)
		}
	}},
	{"no key or an empty one is never a duplicate", func(t *testing.T, s engine.Store) {
		for n, keys := range [][]string{nil, {}, {""}, {""}, nil} {
			r := pending(n)
			r.Keys = keys
			create(t, s, r)
		}
	}},
	{"without an ID or a state it is ErrInvalid", func(t *testing.T, s engine.Store) {
		none, odd := pending(1), pending(2)
		none.ID, odd.State = "", "ODD"
		wantErr(t, s.Create(t.Context(), none), engine.ErrInvalid)
		wantErr(t, s.Create(t.Context(), odd), engine.ErrInvalid)
		same(t, list(t, s, engine.Filter{}), []string{})
	}},
	{"an event that cannot be written keeps everything out", func(t *testing.T, s engine.Store) {
		r := pending(1)
		good, bad := event(r, engine.EvCreated), event(r, engine.EvApproved)
		bad.Details = map[string]any{"f": func() {}}
		if err := s.Create(t.Context(), r, good, bad); err == nil {
			t.Fatal("no error")
		}
		_, err := s.Get(t.Context(), r.ID)
		wantErr(t, err, engine.ErrNotFound)
		same(t, list(t, s, engine.Filter{Requester: r.Requester}), []string{})
		same(t, headOf(t, s).ID, 0)
	}},
	{"the caller's values are not kept", func(t *testing.T, s engine.Store) {
		r := full()
		want := r.Clone()
		create(t, s, r)
		r.Metadata["a"], r.Approvals[0].Approver, r.Keys[0] = "x", "x", "x"
		mine := get(t, s, r.ID)
		mine.Metadata["a"], mine.Terms.ApproverGroups[0] = "y", "y"
		same(t, get(t, s, r.ID), want)
	}},
}
