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

// newClock starts where the wall clock stands.
func newClock(wall func() time.Time) *clock {
	if wall == nil {
		wall = time.Now
	}
	t := wall()
	return &clock{wall: wall, last: t, now: t.Round(0).UTC()}
}

// resume goes on from a moment known from before: time has also passed while
// nobody looked, as much as the wall clock says.
func (c *clock) resume(seen Moment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if seen.Now.IsZero() {
		return
	}
	at := seen.Now
	if passed := c.last.Round(0).Sub(seen.Wall); passed > 0 {
		at = at.Add(passed)
	}
	if at.After(c.now) {
		c.now = at.Round(0).UTC()
	}
}

// Now returns the time in UTC, without a monotonic part.
func (c *clock) Now() time.Time { return c.moment().Now }

func (c *clock) moment() Moment {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.wall()
	if elapsed := t.Sub(c.last); elapsed > 0 {
		c.now = c.now.Add(elapsed)
	}
	c.last = t
	wall := t.Round(0).UTC()
	if wall.After(c.now) {
		c.now = wall
	}
	return Moment{Now: c.now, Wall: wall}
}

// onTheWall returns when the wall clock will show that the engine's time is t:
// what others who enforce a deadline by their own clocks are to be told.
func (c *clock) onTheWall(t time.Time) time.Time {
	m := c.moment()
	return t.Add(m.Wall.Sub(m.Now))
}
