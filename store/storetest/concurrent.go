package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// together runs n functions at once and waits for them.
func together(n int, fn func(i int)) {
	var all sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-gate
			fn(i)
		})
	}
	close(gate)
	all.Wait()
}

// decide is what an approver's click does: the first wins.
func decide(who string) func(*engine.Request) ([]engine.Event, error) {
	return func(r *engine.Request) ([]engine.Event, error) {
		if r.State != engine.Pending {
			return nil, engine.Refuse(engine.ErrConflict, "%s was faster", r.DecidedBy)
		}
		r.State, r.DecidedBy, r.Version = engine.Approved, who, r.Version+1
		return []engine.Event{event(*r, engine.EvApproved)}, nil
	}
}

var concurrentCases = []kase{
	{"S1 of many who decide exactly one wins and the others hear who", func(t *testing.T, s engine.Store) {
		for round, n := range []int{2, 10, 100} {
			r := pending(round)
			create(t, s, r)
			before := headOf(t, s).ID
			var won atomic.Int32
			var winner atomic.Value
			heard := make([]string, n)
			together(n, func(i int) {
				who := fmt.Sprintf("p%d", i)
				_, err := s.Update(t.Context(), r.ID, decide(who))
				switch {
				case err == nil:
					won.Add(1)
					winner.Store(who)
				case errors.Is(err, engine.ErrConflict):
					heard[i] = err.Error()
				default:
					t.Errorf("%s: %v", who, err)
				}
			})
			same(t, won.Load(), 1)
			same(t, get(t, s, r.ID).DecidedBy, winner.Load())
			same(t, headOf(t, s).ID, before+1)
			for i, sentence := range heard {
				if sentence != "" && sentence != fmt.Sprintf("%s was faster", winner.Load()) {
					t.Errorf("p%d heard %q", i, sentence)
				}
			}
		}
	}},
	{"S4 of many with one key exactly one is created", func(t *testing.T, s engine.Store) {
		const n = 50
		var won atomic.Int32
		named := make([]string, n)
		together(n, func(i int) {
			r := pending(i)
			r.Keys = []string{"k"}
			err := s.Create(t.Context(), r, event(r, engine.EvCreated))
			var duplicate *engine.DuplicateError
			switch {
			case err == nil:
				won.Add(1)
				named[i] = r.ID
			case errors.As(err, &duplicate):
				named[i] = duplicate.ID
			default:
				t.Error(err)
			}
		})
		same(t, won.Load(), 1)
		for _, id := range named {
			same(t, list(t, s, engine.Filter{}), []string{id})
		}
		same(t, len(verify(t, s)), 1)
	}},
	{"U1 the chain has no gap, however many write", func(t *testing.T, s engine.Store) {
		const n, each = 24, 8
		var written atomic.Int32
		together(n, func(i int) {
			for k := range each {
				r := pending(i*each + k)
				if err := s.Create(t.Context(), r, event(r, engine.EvCreated)); err != nil {
					t.Error(err)
				}
				_, err := s.Update(t.Context(), r.ID, func(r *engine.Request) ([]engine.Event, error) {
					if k%3 == 0 {
						return []engine.Event{event(*r, engine.EvDenied)}, errChange
					}
					return decide("bob")(r)
				})
				if k%3 != 0 {
					written.Add(1)
				} else if !errors.Is(err, errChange) {
					t.Errorf("error %v", err)
				}
			}
		})
		log := verify(t, s)
		same(t, len(log), n*each+int(written.Load()))
		same(t, len(list(t, s, engine.Filter{State: engine.Approved})), int(written.Load()))
		same(t, len(list(t, s, engine.Filter{State: engine.Pending})), n*each-int(written.Load()))
	}},
	{"no two claim the same, and none is left behind", func(t *testing.T, s engine.Store) {
		const n = 60
		for i := range n {
			queued(t, s, i, noon.Add(time.Duration(i%7)), time.Time{})
		}
		var mu sync.Mutex
		claims := map[string]int{}
		together(8, func(int) {
			for {
				r, _, err := s.Claim(t.Context(), engine.AccessQueue, noon.Add(time.Second), time.Minute)
				if errors.Is(err, engine.ErrNotFound) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				claims[r.ID]++
				mu.Unlock()
			}
		})
		same(t, len(claims), n)
		for id, times := range claims {
			if times != 1 {
				t.Errorf("%s was claimed %d times", id, times)
			}
		}
	}},
	{"readers see whole commits only", func(t *testing.T, s engine.Store) {
		r := pending(1)
		r.Version = 0
		create(t, s, r)
		var done atomic.Bool
		together(4, func(i int) {
			if i == 0 {
				defer done.Store(true)
				for range 100 {
					_, err := s.Update(t.Context(), r.ID, func(r *engine.Request) ([]engine.Event, error) {
						r.Version++
						r.Reason = fmt.Sprint(r.Version)
						return []engine.Event{event(*r, engine.EvApproved)}, nil
					})
					if err != nil {
						t.Error(err)
					}
				}
				return
			}
			for !done.Load() {
				now, err := s.Get(t.Context(), r.ID)
				if err != nil || (now.Version > 0 && now.Reason != fmt.Sprint(now.Version)) {
					t.Errorf("%+v, %v", now, err)
				}
				h, err := s.Head(t.Context())
				if err != nil || h.ID < now.Version {
					t.Errorf("version %d, but head %d: %v", now.Version, h.ID, err)
				}
			}
		})
	}},
}
