package engine

import (
	"sync"
	"time"
)

const (
	meterWindow = time.Minute
	meterMost   = 60     // of one kind in a window
	meterKinds  = 10_000 // remembered at a time
)

// meter counts things by kind and minute, so that nobody can fill the audit log
// by being refused all day. The zero meter is ready.
type meter struct {
	mu    sync.Mutex
	began time.Time
	count map[string]int
}

// take reports whether one more of a kind is within bounds.
func (m *meter) take(kind string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count == nil || now.Sub(m.began) >= meterWindow {
		m.began, m.count = now, map[string]int{}
	}
	if _, known := m.count[kind]; !known && len(m.count) >= meterKinds {
		return false
	}
	m.count[kind]++
	return m.count[kind] <= meterMost
}

// slots bound how many workers one provider can keep busy, so that one that
// hangs leaves workers for the others.
type slots chan struct{}

// perProvider is how many calls to one provider are under way at most.
const perProvider = 4

func newSlots(platforms map[string]Platform) map[string]slots {
	all := map[string]slots{}
	for name := range platforms {
		all[name] = make(slots, perProvider)
	}
	return all
}

// take reports whether there was a free slot; give it back with free.
func (s slots) take() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return s == nil // a provider that is no longer configured is not called at all
	}
}

func (s slots) free() {
	if s != nil {
		<-s
	}
}
