package storetest

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// model is the store as anybody would write it who need not care for speed.
type model struct {
	requests []engine.Request // oldest first
	events   []engine.Event
}

var modelCases = []kase{
	{"seed 1", func(t *testing.T, s engine.Store) { walk(t, s, 1) }},
	{"seed 2", func(t *testing.T, s engine.Store) { walk(t, s, 2) }},
	{"seed 3", func(t *testing.T, s engine.Store) { walk(t, s, 3) }},
}

// walk does the same random things to a store and to the model, and compares
// every filter in both.
func walk(t *testing.T, s engine.Store, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 0))
	m := &model{}
	now := noon
	for step := range 250 {
		now = now.Add(time.Duration(rnd.IntN(3)) * time.Second)
		switch k := rnd.IntN(10); {
		case k < 4 || len(m.requests) == 0:
			m.create(t, s, rnd, now)
		case k < 7:
			m.update(t, s, rnd, now)
		case k < 9:
			m.claim(t, s, rnd, now)
		default:
			e := engine.Event{At: now, Actor: pick(rnd, people), Action: pick(rnd, actions), Outcome: engine.Success}
			wantErr(t, s.Append(t.Context(), e), nil)
			m.events = append(m.events, e)
		}
		if step%10 == 9 {
			m.compare(t, s, rnd, now)
		}
	}
	verify(t, s)
}

var (
	people    = []string{"alice", "bob", "carol"}
	providers = []string{"sandbox", "kubernetes"}
	groups    = []string{"g1", "g2", "g3"}
	actions   = []string{engine.EvCreated, engine.EvApproved, engine.EvExpired}
)

func pick[T any](rnd *rand.Rand, from []T) T { return from[rnd.IntN(len(from))] }

// maybe is a value in two of three cases, otherwise nothing.
func maybe(rnd *rand.Rand, from []string) string {
	if rnd.IntN(3) == 0 {
		return ""
	}
	return pick(rnd, from)
}

func soon(rnd *rand.Rand, now time.Time) time.Time {
	if rnd.IntN(4) == 0 {
		return time.Time{}
	}
	// Whole nanoseconds apart, so that no two are due at once.
	return now.Add(time.Duration(rnd.Int64N(int64(time.Minute)))).Add(-30 * time.Second)
}

func (m *model) create(t *testing.T, s engine.Store, rnd *rand.Rand, now time.Time) {
	r := pending(len(m.requests))
	r.CreatedAt, r.Requester, r.Target.Provider = now, pick(rnd, people), pick(rnd, providers)
	r.Terms.ApproverGroups = groups[:rnd.IntN(3)]
	r.Terms.Approvers = []string{pick(rnd, people)}
	r.WakeAt, r.DrawAt = soon(rnd, now), soon(rnd, now)
	e := event(r, engine.EvCreated)
	create(t, s, r, e)
	m.requests, m.events = append(m.requests, r), append(m.events, e)
}

func (m *model) update(t *testing.T, s engine.Store, rnd *rand.Rand, now time.Time) {
	i, state := rnd.IntN(len(m.requests)), pick(rnd, engine.States())
	wake, draw, fail := soon(rnd, now), soon(rnd, now), rnd.IntN(4) == 0
	e := event(m.requests[i], pick(rnd, actions))
	e.At, e.Actor = now, pick(rnd, people)
	got, err := s.Update(t.Context(), m.requests[i].ID, func(r *engine.Request) ([]engine.Event, error) {
		r.State, r.WakeAt, r.DrawAt, r.Version = state, wake, draw, r.Version+1
		if fail {
			return []engine.Event{e}, errChange
		}
		return []engine.Event{e}, nil
	})
	if fail {
		wantErr(t, err, errChange)
		return
	}
	wantErr(t, err, nil)
	r := &m.requests[i]
	r.State, r.WakeAt, r.DrawAt, r.Version = state, wake, draw, r.Version+1
	m.events = append(m.events, e)
	same(t, got, *r)
}

func (m *model) claim(t *testing.T, s engine.Store, rnd *rand.Rand, now time.Time) {
	q := pick(rnd, []engine.Queue{engine.AccessQueue, engine.CardQueue})
	at := func(r *engine.Request) *time.Time {
		if q == engine.AccessQueue {
			return &r.WakeAt
		}
		return &r.DrawAt
	}
	var first *engine.Request
	for i := range m.requests {
		r := &m.requests[i]
		if !at(r).IsZero() && (first == nil || at(r).Before(*at(first))) {
			first = r
		}
	}
	lease := time.Second + time.Duration(rnd.Int64N(int64(time.Minute)))
	got, next, err := s.Claim(t.Context(), q, now, lease)
	if first == nil || at(first).After(now) {
		wantErr(t, err, engine.ErrNotFound)
		if first == nil != next.IsZero() || (first != nil && !next.Equal(*at(first))) {
			t.Fatalf("next %v", next)
		}
		return
	}
	wantErr(t, err, nil)
	*at(first) = now.Add(lease)
	if q == engine.AccessQueue {
		first.Work.LeaseUntil = now.Add(lease)
	} else {
		first.Drawing.LeaseUntil = now.Add(lease)
	}
	same(t, got, *first)
}

func (m *model) compare(t *testing.T, s engine.Store, rnd *rand.Rand, now time.Time) {
	t.Helper()
	for range 30 {
		f := engine.Filter{Requester: maybe(rnd, people), Provider: maybe(rnd, providers), PageSize: rnd.IntN(9)}
		if rnd.IntN(2) == 0 {
			f.State = pick(rnd, engine.States())
		}
		for range rnd.IntN(4) {
			f.Viewers = append(f.Viewers, pick(rnd, []string{"person:", "group:"})+pick(rnd, slices.Concat(people, groups)))
		}
		if got, want := list(t, s, f), m.list(f); !slices.Equal(got, want) {
			t.Fatalf("%+v\ngot  %v\nwant %v", f, got, want)
		}
		e := engine.EventFilter{Actor: maybe(rnd, people), Requester: maybe(rnd, people), Provider: maybe(rnd, providers),
			Action: maybe(rnd, actions), Ascending: rnd.IntN(2) == 0, PageSize: rnd.IntN(9)}
		if rnd.IntN(3) == 0 {
			e.RequestID = pick(rnd, m.requests).ID
		}
		if rnd.IntN(2) == 0 {
			e.Since, e.Until = randomTime(rnd, now), randomTime(rnd, now)
		}
		if e.Ascending && rnd.IntN(2) == 0 {
			e.After = rnd.Uint64N(uint64(len(m.events) + 2))
		}
		if got, want := ids(events(t, s, e)), m.log(e); !slices.Equal(got, want) {
			t.Fatalf("%+v\ngot  %v\nwant %v", e, got, want)
		}
	}
}

func randomTime(rnd *rand.Rand, now time.Time) time.Time {
	if rnd.IntN(3) == 0 {
		return time.Time{}
	}
	return noon.Add(time.Duration(rnd.Int64N(int64(now.Sub(noon)) + 1)))
}

func (m *model) list(f engine.Filter) []string {
	var ids []string
	for _, r := range slices.Backward(m.requests) {
		fits := func(want, have string) bool { return want == "" || want == have }
		sees := func(v string) bool { return slices.Contains(r.Viewers(), v) }
		if fits(f.Requester, r.Requester) && fits(string(f.State), string(r.State)) && fits(f.Provider, r.Target.Provider) &&
			(f.Viewers == nil || slices.ContainsFunc(f.Viewers, sees)) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func (m *model) log(f engine.EventFilter) []uint64 {
	var ids []uint64
	for i, e := range m.events {
		fits := func(want, have string) bool { return want == "" || want == have }
		if fits(f.Actor, e.Actor) && fits(f.Requester, e.Requester) && fits(f.Provider, e.Provider) &&
			fits(f.RequestID, e.RequestID) && fits(f.Action, e.Action) && uint64(i+1) > f.After &&
			(f.Since.IsZero() || !e.At.Before(f.Since)) && (f.Until.IsZero() || e.At.Before(f.Until)) {
			ids = append(ids, uint64(i+1))
		}
	}
	if !f.Ascending {
		slices.Reverse(ids)
	}
	return ids
}
