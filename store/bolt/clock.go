package bolt

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// clockStep is how far time must have moved before that is written.
const clockStep = time.Second

// clock is the latest moment ever seen. After a restart it is at most clockStep
// behind.
type clock struct {
	mu      sync.Mutex
	latest  time.Time
	written time.Time
}

func (c *clock) load(tx *bbolt.Tx) error {
	raw := tx.Bucket(bucketMeta).Get(keyNow)
	if raw == nil {
		return nil
	}
	t, err := parseMoment(raw)
	if err != nil {
		return fmt.Errorf("%w: latest moment: %w", errRecord, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written = t
	if t.After(c.latest) {
		c.latest = t
	}
	return nil
}

// see notes a moment and returns the latest, and whether that is to be written.
func (c *clock) see(now time.Time) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.After(c.latest) {
		c.latest = now.UTC().Round(0)
	}
	return c.latest, c.latest.Sub(c.written) >= clockStep
}

func (c *clock) wrote(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.written) {
		c.written = t
	}
}

// Advance implements [engine.Store]. Steps of less than a second are only kept
// in memory.
func (s *Store) Advance(ctx context.Context, now time.Time) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	latest, write := s.clock.see(now)
	if !write {
		return latest, s.mend()
	}
	err := s.write(ctx, func(tx *bbolt.Tx, w *writes) error {
		stored := tx.Bucket(bucketMeta).Get(keyNow)
		if stored != nil && string(stored) >= string(moment(latest)) {
			return nil
		}
		return w.put(bucketMeta, keyNow, moment(latest))
	})
	if err != nil {
		return latest, err
	}
	s.clock.wrote(latest)
	return latest, nil
}
