package engine

import (
	"sync"
	"time"
)

// clock tells a time that never goes back and never stands still: while the wall
// clock is behind what was seen before, time goes on by the monotonic clock. So a
// clock stepped back prolongs no access, and one stepped forward ends it early.
type clock struct {
	wall func() time.Time

	mu   sync.Mutex
	last time.Time // the last reading, with its monotonic part
	now  time.Time // the last answer
}

// newClock starts at the latest moment known from before.
func newClock(wall func() time.Time, seen time.Time) *clock {
	if wall == nil {
		wall = time.Now
	}
	t := wall()
	c := &clock{wall: wall, last: t, now: t.Round(0).UTC()}
	c.seen(seen)
	return c
}

// seen moves the clock to at least t.
func (c *clock) seen(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.now) {
		c.now = t.Round(0).UTC()
	}
}

// Now returns the time in UTC, without a monotonic part.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.wall()
	if elapsed := t.Sub(c.last); elapsed > 0 {
		c.now = c.now.Add(elapsed)
	}
	c.last = t
	if wall := t.Round(0).UTC(); wall.After(c.now) {
		c.now = wall
	}
	return c.now
}
