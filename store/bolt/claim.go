package bolt

import (
	"bytes"
	"context"
	"time"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Claim implements [engine.Requests]. A request that cannot be read never keeps
// the ones behind it waiting: it leaves the queue, see [Store.Damaged].
func (s *Store) Claim(ctx context.Context, q engine.Queue, now time.Time, lease time.Duration) (engine.Request, time.Time, error) {
	l, err := lineOf(q)
	if err != nil {
		return engine.Request{}, time.Time{}, err
	}
	if lease <= 0 {
		return engine.Request{}, time.Time{}, engine.Refuse(engine.ErrInvalid, "A lease of %v is none.", lease)
	}
	c := claim{line: l, now: now, until: now.Add(lease).UTC()}
	// Every round takes something out of the queue, or somebody else has.
	for {
		// Whoever finds nothing due need not wait for a commit.
		next, due, err := s.peek(ctx, c)
		if err != nil {
			return engine.Request{}, time.Time{}, err
		}
		if !due {
			return engine.Request{}, next, engine.ErrNotFound
		}
		var got claimed
		err = s.write(ctx, func(tx *bbolt.Tx, w *writes) error {
			got = c.take(tx, w)
			return got.err
		})
		if err != nil {
			return engine.Request{}, time.Time{}, err
		}
		s.tell(ctx, got.bad...)
		s.tellMoved(l, got.moved)
		if got.record != nil {
			r, err := decodeRequest(got.record)
			return r, time.Time{}, err
		}
	}
}

// claim is the wish to lease what is due in a queue.
type claim struct {
	line
	now, until time.Time
}

// peek returns when the first in the queue is due, and whether that has come.
func (s *Store) peek(ctx context.Context, c claim) (next time.Time, due bool, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		k, _ := tx.Bucket(c.bucket).Cursor().First()
		next, due = c.isDue(k)
		return nil
	})
	return next, due, err
}

// isDue reports when the place k in the queue is due, and whether that has
// come. A place that makes no sense is due: it has to be dealt with.
func (c claim) isDue(k []byte) (time.Time, bool) {
	if k == nil {
		return time.Time{}, false
	}
	at, _, err := parseTurn(k)
	if err != nil {
		return c.now, true
	}
	return at, !at.After(c.now)
}

// claimed is what became of a claim.
type claimed struct {
	record []byte // of the request that was leased; nil: of none
	bad    []*unreadable
	moved  []uint64 // requests that stood in the wrong place
	err    error
}

// take leases the first request that is due. Those before it that cannot be
// leased leave the queue in the same commit, so that nobody meets them twice.
func (c claim) take(tx *bbolt.Tx, w *writes) (got claimed) {
	cursor := tx.Bucket(c.bucket).Cursor()
	for k, _ := cursor.First(); got.record == nil && got.err == nil; k, _ = cursor.Next() {
		if _, due := c.isDue(k); !due {
			break
		}
		c.try(tx, w, bytes.Clone(k), &got)
	}
	return got
}

// try leases the request whose place in the queue is k.
func (c claim) try(tx *bbolt.Tx, w *writes, k []byte, got *claimed) {
	_, n, err := parseTurn(k)
	var r engine.Request
	record := tx.Bucket(bucketRequests).Get(number(n))
	if n != 0 {
		r, err = decodeRequest(record)
	}
	if at := *c.due(&r); err == nil && !bytes.Equal(k, turn(at, n)) {
		got.moved, got.err = append(got.moved, n), w.move(c.line, k, at)
		return
	}
	if err == nil {
		*c.due(&r), *c.lease(&r) = c.until, c.until
		before := len(w.list)
		if got.record, err = w.replace(n, record, r); err != nil {
			got.record, w.list = nil, w.list[:before]
		}
	}
	if err != nil {
		got.bad, got.err = append(got.bad, &unreadable{number: n, cause: err}), w.park(c.line, k)
	}
}
