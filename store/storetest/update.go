package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

var errChange = errors.New("the change says no")

var updateCases = []kase{
	{"what the change made is written with its events", func(t *testing.T, s engine.Store) {
		r := pending(1)
		create(t, s, r, event(r, engine.EvCreated))
		got := update(t, s, r.ID, func(r *engine.Request) ([]engine.Event, error) {
			r.State, r.Version = engine.Approved, r.Version+1
			r.Approvals = append(r.Approvals, engine.Approval{Approver: "bob@example.com", At: noon})
			return []engine.Event{event(*r, engine.EvApproved), event(*r, engine.EvIntended)}, nil
		})
		if got.State != engine.Approved || got.Version != 2 || len(got.Approvals) != 1 {
			t.Fatalf("returned %+v", got)
		}
		same(t, get(t, s, r.ID), got)
		log := verify(t, s)
		same(t, []string{log[0].Action, log[1].Action, log[2].Action},
			[]string{engine.EvCreated, engine.EvApproved, engine.EvIntended})
	}},
	{"a request that is not there is ErrNotFound and nothing runs", func(t *testing.T, s engine.Store) {
		_, err := s.Update(t.Context(), "req_000009", func(*engine.Request) ([]engine.Event, error) {
			t.Error("the change ran")
			return nil, nil
		})
		wantErr(t, err, engine.ErrNotFound)
	}},
	{"a change that fails writes nothing and its error comes back unchanged", func(t *testing.T, s engine.Store) {
		r := full()
		create(t, s, r, event(r, engine.EvCreated))
		head := headOf(t, s)
		_, err := s.Update(t.Context(), r.ID, func(r *engine.Request) ([]engine.Event, error) {
			r.State, r.Metadata["a"], r.Approvals[0].Approver = engine.Expired, "x", "x"
			return []engine.Event{event(*r, engine.EvExpired)}, errChange
		})
		if err != errChange { //nolint:errorlint // unchanged is the promise
			t.Fatalf("error %v, want the change's own", err)
		}
		same(t, get(t, s, r.ID), r)
		same(t, headOf(t, s), head)
		same(t, list(t, s, engine.Filter{State: engine.Expired}), []string{})
	}},
	{"an event that cannot be written undoes the change", func(t *testing.T, s engine.Store) {
		r := pending(1)
		create(t, s, r, event(r, engine.EvCreated))
		head := headOf(t, s)
		_, err := s.Update(t.Context(), r.ID, func(r *engine.Request) ([]engine.Event, error) {
			r.State = engine.Approved
			bad := event(*r, engine.EvIntended)
			bad.Details = map[string]any{"c": make(chan int)}
			return []engine.Event{event(*r, engine.EvApproved), bad}, nil
		})
		if err == nil {
			t.Fatal("no error")
		}
		same(t, get(t, s, r.ID), r)
		same(t, headOf(t, s), head)
	}},
	{"an ID or a state that cannot be is refused", func(t *testing.T, s engine.Store) {
		r := pending(1)
		create(t, s, r)
		_, err := s.Update(t.Context(), r.ID, func(r *engine.Request) ([]engine.Event, error) {
			r.ID = "req_000002"
			return nil, nil
		})
		wantErr(t, err, engine.ErrInvalid)
		_, err = s.Update(t.Context(), r.ID, func(r *engine.Request) ([]engine.Event, error) {
			r.State = "ODD"
			return nil, nil
		})
		wantErr(t, err, engine.ErrInvalid)
		same(t, get(t, s, r.ID), r)
	}},
	{"no change and no events is fine", func(t *testing.T, s engine.Store) {
		r := pending(1)
		create(t, s, r)
		same(t, update(t, s, r.ID, func(*engine.Request) ([]engine.Event, error) { return nil, nil }), r)
	}},
	{"events alone are written", func(t *testing.T, s engine.Store) {
		r := pending(1)
		create(t, s, r)
		update(t, s, r.ID, func(r *engine.Request) ([]engine.Event, error) {
			return []engine.Event{event(*r, engine.EvCredentials)}, nil
		})
		same(t, len(verify(t, s)), 1)
	}},
	{"lists and queues follow the change", func(t *testing.T, s engine.Store) {
		r := pending(1)
		r.WakeAt = noon
		create(t, s, r)
		update(t, s, r.ID, func(r *engine.Request) ([]engine.Event, error) {
			r.State, r.WakeAt, r.DrawAt = engine.Canceled, time.Time{}, noon
			return nil, nil
		})
		same(t, list(t, s, engine.Filter{State: engine.Pending}), []string{})
		same(t, list(t, s, engine.Filter{State: engine.Canceled}), []string{r.ID})
		_, next, err := s.Claim(t.Context(), engine.AccessQueue, noon.Add(time.Hour), time.Minute)
		wantErr(t, err, engine.ErrNotFound)
		same(t, next.IsZero(), true)
		_, _, err = s.Claim(t.Context(), engine.CardQueue, noon, time.Minute)
		wantErr(t, err, nil)
	}},
	{"a change that panics harms nobody else", func(t *testing.T, s engine.Store) {
		r := pending(1)
		create(t, s, r)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_, _ = s.Update(t.Context(), r.ID, func(r *engine.Request) ([]engine.Event, error) {
				r.State = engine.Approved
				panic("oh")
			})
		}()
		same(t, get(t, s, r.ID), r)
		create(t, s, pending(2))
	}},
}
