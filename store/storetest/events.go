package storetest

import (
	"math"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// journal appends n entries, a second apart, and returns their IDs oldest first.
func journal(t testing.TB, s engine.Store, n int) []uint64 {
	t.Helper()
	var want []uint64
	for i := range n {
		e := engine.Event{At: noon.Add(time.Duration(i) * time.Second), Actor: "a", Action: "x", Provider: "p"}
		wantErr(t, s.Append(t.Context(), e), nil)
		want = append(want, uint64(i+1))
	}
	return want
}

func reversed(list []uint64) []uint64 {
	r := []uint64{}
	for i := len(list) - 1; i >= 0; i-- {
		r = append(r, list[i])
	}
	return r
}

var eventCases = []kase{
	{"newest first or oldest first, whatever the page size", func(t *testing.T, s engine.Store) {
		want := journal(t, s, 23)
		for _, size := range []int{0, 1, 2, 22, 23, 24, 5000} {
			same(t, ids(events(t, s, engine.EventFilter{PageSize: size, Ascending: true})), want)
			same(t, ids(events(t, s, engine.EventFilter{PageSize: size})), reversed(want))
			same(t, ids(events(t, s, engine.EventFilter{PageSize: size, Actor: "a", Action: "x"})), reversed(want))
		}
	}},
	{"since is at or after, until is before", func(t *testing.T, s engine.Store) {
		all := journal(t, s, 10)
		for since := -1; since <= 11; since++ {
			for until := -1; until <= 11; until++ {
				f := engine.EventFilter{Since: noon.Add(time.Duration(since) * time.Second), Until: noon.Add(time.Duration(until) * time.Second), Ascending: true}
				lo, hi := min(max(since, 0), 10), min(max(until, 0), 10)
				want := all[min(lo, hi):hi]
				same(t, ids(events(t, s, f)), append([]uint64{}, want...))
				f.Ascending = false
				same(t, ids(events(t, s, f)), reversed(want))
			}
		}
		same(t, len(events(t, s, engine.EventFilter{Since: noon.Add(1)})), 9)
		same(t, len(events(t, s, engine.EventFilter{Until: noon.Add(1)})), 1)
	}},
	{"entries of one moment are in or out together", func(t *testing.T, s engine.Store) {
		for range 3 {
			e := engine.Event{At: noon, Actor: "a", Action: "x"}
			wantErr(t, s.Append(t.Context(), e, e, e), nil)
		}
		same(t, len(events(t, s, engine.EventFilter{Since: noon})), 9)
		same(t, len(events(t, s, engine.EventFilter{Until: noon})), 0)
	}},
	{"reading on after an entry", func(t *testing.T, s engine.Store) {
		all := journal(t, s, 5)
		for after := range uint64(7) {
			got := ids(events(t, s, engine.EventFilter{After: after, Ascending: true, PageSize: 2}))
			same(t, got, append([]uint64{}, all[min(after, 5):]...))
		}
		same(t, len(events(t, s, engine.EventFilter{After: math.MaxUint64, Ascending: true})), 0)
		_, err := s.Events(t.Context(), engine.EventFilter{After: 2})
		wantErr(t, err, engine.ErrInvalid)
	}},
	{"what is there at the first page is seen once, whatever comes meanwhile", func(t *testing.T, s engine.Store) {
		want := reversed(journal(t, s, 20))
		var got []uint64
		f := engine.EventFilter{PageSize: 3}
		for {
			page, err := s.Events(t.Context(), f)
			wantErr(t, err, nil)
			got = append(got, ids(page.Events)...)
			if page.Next == "" {
				break
			}
			f.PageToken = page.Next
			wantErr(t, s.Append(t.Context(), engine.Event{At: noon, Actor: "b", Action: "y"}), nil)
		}
		same(t, got, want)
	}},
	{"a negative size and a token that is none are ErrInvalid", func(t *testing.T, s engine.Store) {
		journal(t, s, 5)
		_, err := s.Events(t.Context(), engine.EventFilter{PageSize: -1})
		wantErr(t, err, engine.ErrInvalid)
		for _, up := range []bool{false, true} {
			page, err := s.Events(t.Context(), engine.EventFilter{PageSize: 2, Ascending: up})
			wantErr(t, err, nil)
			for _, token := range mangled(page.Next) {
				_, err := s.Events(t.Context(), engine.EventFilter{PageToken: token, Ascending: up})
				wantErr(t, err, engine.ErrInvalid)
			}
			_, err = s.Events(t.Context(), engine.EventFilter{PageToken: page.Next, Ascending: !up})
			wantErr(t, err, engine.ErrInvalid)
			_, err = s.Events(t.Context(), engine.EventFilter{PageToken: page.Next, Ascending: up, Actor: "a"})
			wantErr(t, err, engine.ErrInvalid)
		}
	}},
}

var advanceCases = []kase{
	{"time only goes forward", func(t *testing.T, s engine.Store) {
		for _, c := range []struct{ now, want time.Duration }{
			{0, 0}, {time.Minute, time.Minute}, {-time.Hour, time.Minute}, {time.Minute + 1, time.Minute + 1},
			{time.Minute, time.Minute + 1}, {time.Hour, time.Hour}, {-1e6 * time.Hour, time.Hour},
		} {
			wall := func(d time.Duration) time.Time { return noon.Add(d - 24*time.Hour) }
			got, err := s.Advance(t.Context(), engine.Moment{Now: noon.Add(c.now), Wall: wall(c.now)})
			wantErr(t, err, nil)
			if !got.Now.Equal(noon.Add(c.want)) || !got.Wall.Equal(wall(c.want)) {
				t.Fatalf("at %v: %v, want %v and the wall's reading of then", c.now, got, noon.Add(c.want))
			}
		}
	}},
	{"it writes no event", func(t *testing.T, s engine.Store) {
		_, err := s.Advance(t.Context(), engine.Moment{Now: noon, Wall: noon})
		wantErr(t, err, nil)
		same(t, headOf(t, s).ID, 0)
	}},
}
