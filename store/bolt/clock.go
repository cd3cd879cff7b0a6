package bolt

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// clockStep is how far time must have moved before that is written.
const clockStep = time.Second

// clock is the latest moment ever seen. After a restart it is at most clockStep
// behind.
type clock struct {
	mu      sync.Mutex
	latest  engine.Moment
	written engine.Moment
}

func (c *clock) load(tx *bbolt.Tx) error {
	m, err := readMoment(tx)
	if err != nil {
		return fmt.Errorf("%w: latest moment: %w", errRecord, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written = m
	if m.Now.After(c.latest.Now) {
		c.latest = m
	}
	return nil
}

// readMoment returns what is written, the zero Moment when nothing is.
func readMoment(tx *bbolt.Tx) (m engine.Moment, err error) {
	meta := tx.Bucket(bucketMeta)
	now := meta.Get(keyNow)
	if now == nil {
		return m, nil
	}
	if m.Now, err = parseMoment(now); err != nil {
		return m, err
	}
	m.Wall, err = parseMoment(meta.Get(keyWall))
	return m, err
}

// see notes a moment and returns the latest, and whether that is to be written:
// when time has moved on, or when the two clocks have moved apart.
func (c *clock) see(m engine.Moment) (engine.Moment, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !m.Now.Before(c.latest.Now) {
		c.latest = engine.Moment{Now: m.Now.UTC().Round(0), Wall: m.Wall.UTC().Round(0)}
	}
	moved := c.latest.Now.Sub(c.written.Now) >= clockStep
	apart := (ahead(c.latest) - ahead(c.written)).Abs() >= clockStep
	return c.latest, moved || apart
}

// ahead is how far the engine's clock is ahead of the machine's.
func ahead(m engine.Moment) time.Duration { return m.Now.Sub(m.Wall) }

func (c *clock) wrote(m engine.Moment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !m.Now.Before(c.written.Now) {
		c.written = m
	}
}

// Advance implements [engine.Store]. Steps of less than a second are only kept
// in memory.
func (s *Store) Advance(ctx context.Context, m engine.Moment) (engine.Moment, error) {
	if err := ctx.Err(); err != nil {
		return engine.Moment{}, err
	}
	latest, write := s.clock.see(m)
	if !write {
		return latest, s.mend()
	}
	err := s.write(ctx, func(tx *bbolt.Tx, w *writes) error {
		stored, err := readMoment(tx)
		if err != nil || latest.Now.Before(stored.Now) {
			return err
		}
		if err := w.put(bucketMeta, keyNow, moment(latest.Now)); err != nil {
			return err
		}
		return w.put(bucketMeta, keyWall, moment(latest.Wall))
	})
	if err != nil {
		return latest, err
	}
	s.clock.wrote(latest)
	return latest, nil
}
