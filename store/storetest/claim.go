package storetest

import (
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// queued creates a request that is due in both queues.
func queued(t testing.TB, s engine.Store, n int, wake, draw time.Time) engine.Request {
	t.Helper()
	r := pending(n)
	r.WakeAt, r.DrawAt = wake, draw
	create(t, s, r)
	return r
}

func claim(t testing.TB, s engine.Store, q engine.Queue, now time.Time) (string, time.Time) {
	t.Helper()
	r, next, err := s.Claim(t.Context(), q, now, time.Minute)
	if err != nil {
		wantErr(t, err, engine.ErrNotFound)
		return "", next
	}
	return r.ID, next
}

var claimCases = []kase{
	{"an empty queue is ErrNotFound and there is no next moment", func(t *testing.T, s engine.Store) {
		create(t, s, pending(1)) // never due
		for _, q := range []engine.Queue{engine.AccessQueue, engine.CardQueue} {
			id, next := claim(t, s, q, noon.Add(1000*time.Hour))
			if id != "" || !next.IsZero() {
				t.Fatalf("%s: %q, next %v", q, id, next)
			}
		}
	}},
	{"who is due first comes first, and each queue for itself", func(t *testing.T, s engine.Store) {
		a := queued(t, s, 1, noon.Add(3), noon.Add(1))
		b := queued(t, s, 2, noon.Add(1), noon.Add(2))
		c := queued(t, s, 3, noon.Add(2), noon.Add(3))
		for _, want := range []string{b.ID, c.ID, a.ID, ""} {
			id, _ := claim(t, s, engine.AccessQueue, noon.Add(3))
			same(t, id, want)
		}
		for _, want := range []string{a.ID, b.ID, c.ID, ""} {
			id, _ := claim(t, s, engine.CardQueue, noon.Add(3))
			same(t, id, want)
		}
	}},
	{"due is to the nanosecond, and otherwise the next moment is told", func(t *testing.T, s engine.Store) {
		r := queued(t, s, 1, noon, time.Time{})
		id, next := claim(t, s, engine.AccessQueue, noon.Add(-1))
		if id != "" || !next.Equal(noon) {
			t.Fatalf("%q, next %v", id, next)
		}
		id, _ = claim(t, s, engine.AccessQueue, noon)
		same(t, id, r.ID)
	}},
	{"the lease is on the request and keeps others away until it ends", func(t *testing.T, s engine.Store) {
		r := queued(t, s, 1, noon, noon)
		until := noon.Add(time.Minute)
		got, _, err := s.Claim(t.Context(), engine.AccessQueue, noon, time.Minute)
		wantErr(t, err, nil)
		if !got.WakeAt.Equal(until) || !got.Work.LeaseUntil.Equal(until) || !got.DrawAt.Equal(noon) || !got.Drawing.LeaseUntil.IsZero() || got.Version != r.Version {
			t.Fatalf("claimed %+v", got)
		}
		same(t, get(t, s, r.ID), got)
		id, next := claim(t, s, engine.AccessQueue, until.Add(-1))
		if id != "" || !next.Equal(until) {
			t.Fatalf("%q, next %v", id, next)
		}
		id, _ = claim(t, s, engine.AccessQueue, until)
		same(t, id, r.ID)
	}},
	{"a claim for the card leaves the access alone", func(t *testing.T, s engine.Store) {
		queued(t, s, 1, noon, noon)
		got, _, err := s.Claim(t.Context(), engine.CardQueue, noon, time.Minute)
		wantErr(t, err, nil)
		until := noon.Add(time.Minute)
		if !got.DrawAt.Equal(until) || !got.Drawing.LeaseUntil.Equal(until) || !got.WakeAt.Equal(noon) || !got.Work.LeaseUntil.IsZero() {
			t.Fatalf("claimed %+v", got)
		}
	}},
	{"a claim writes no event", func(t *testing.T, s engine.Store) {
		queued(t, s, 1, noon, noon)
		claim(t, s, engine.AccessQueue, noon)
		same(t, headOf(t, s).ID, 0)
	}},
	{"old and far moments sort right", func(t *testing.T, s engine.Store) {
		moments := []time.Time{time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 5, time.UTC),
			time.Unix(0, 0), noon, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
		for i := range moments {
			queued(t, s, i, moments[len(moments)-1-i], time.Time{})
		}
		for i := range moments {
			_, next := claim(t, s, engine.AccessQueue, moments[i].Add(-1))
			if !next.Equal(moments[i]) {
				t.Fatalf("next %v, want %v", next, moments[i])
			}
			r, _, err := s.Claim(t.Context(), engine.AccessQueue, moments[i], time.Hour)
			wantErr(t, err, nil)
			update(t, s, r.ID, func(r *engine.Request) ([]engine.Event, error) {
				r.WakeAt = time.Time{}
				return nil, nil
			})
		}
	}},
	{"an unknown queue and a lease that is none are ErrInvalid", func(t *testing.T, s engine.Store) {
		r := queued(t, s, 1, noon, noon)
		_, _, err := s.Claim(t.Context(), "", noon, time.Minute)
		wantErr(t, err, engine.ErrInvalid)
		for _, lease := range []time.Duration{0, -1} {
			_, _, err = s.Claim(t.Context(), engine.AccessQueue, noon, lease)
			wantErr(t, err, engine.ErrInvalid)
		}
		same(t, get(t, s, r.ID), r)
	}},
}
