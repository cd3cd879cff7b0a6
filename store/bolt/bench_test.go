package bolt_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

func touch(r *engine.Request) ([]engine.Event, error) {
	r.Version++
	return []engine.Event{created(*r)}, nil
}

// BenchmarkUpdate shows what sharing a sync gains: p50 and p99 of one update,
// and updates a second in all.
func BenchmarkUpdate(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := open(b, place(b))
			for i := range writers {
				mustCreate(b, s, request(i))
			}
			took := make([]time.Duration, b.N)
			var next atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for w := range writers {
				all.Go(func() {
					for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
						begin := time.Now()
						if _, err := s.Update(b.Context(), request(w).ID, touch); err != nil {
							b.Error(err)
							return
						}
						took[i] = time.Since(begin)
					}
				})
			}
			all.Wait()
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
		})
	}
}

func BenchmarkCreate(b *testing.B) {
	s := open(b, place(b))
	for i := range b.N {
		mustCreate(b, s, request(i))
	}
}

// many makes a store with n requests, every thousandth of them pending, due in
// the access queue one after another.
func many(b *testing.B, n int) engine.Store {
	b.Helper()
	s := open(b, place(b))
	var next atomic.Int64
	var all sync.WaitGroup
	for range 256 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				r := request(i)
				r.Requester, r.State = fmt.Sprintf("p%d@example.com", i%100), engine.Expired
				if i%1000 == 0 {
					r.State = engine.Pending
				}
				r.WakeAt = noon.Add(time.Duration(i))
				if err := s.Create(b.Context(), r, created(r)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return s
}

// BenchmarkHistory shows that nothing grows with the history: 100,000 requests.
func BenchmarkHistory(b *testing.B) {
	s := many(b, 100_000)
	for name, f := range map[string]engine.Filter{
		"all":               {},
		"pending":           {State: engine.Pending},
		"pending,requester": {State: engine.Pending, Requester: "p0@example.com"},
		"requester,viewer":  {Requester: "p7@example.com", Viewers: []string{"group:none", "group:sre-leads", "person:x"}},
		"nobody":            {State: engine.Pending, Requester: "p1@example.com"},
	} {
		b.Run("List/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.List(b.Context(), f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("Events/since", func(b *testing.B) {
		for b.Loop() {
			f := engine.EventFilter{Actor: "p7@example.com", Until: noon.Add(24 * time.Hour)}
			if _, err := s.Events(b.Context(), f); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Get", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Get(b.Context(), request(50_000).ID); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Claim/due", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := s.Claim(b.Context(), engine.AccessQueue, noon.Add(time.Hour), 1000*time.Hour); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Claim/none due", func(b *testing.B) {
		for b.Loop() {
			_, _, err := s.Claim(b.Context(), engine.AccessQueue, noon.Add(-time.Hour), time.Minute)
			if !errors.Is(err, engine.ErrNotFound) {
				b.Fatal(err)
			}
		}
	})
}
