package bolt

import (
	"context"
	"time"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Claim implements [engine.Requests].
func (s *Store) Claim(ctx context.Context, q engine.Queue, now time.Time, lease time.Duration) (engine.Request, time.Time, error) {
	bucket, err := queueBucket(q)
	if err != nil {
		return engine.Request{}, time.Time{}, err
	}
	if lease <= 0 {
		return engine.Request{}, time.Time{}, engine.Refuse(engine.ErrInvalid, "A lease of %v is none.", lease)
	}
	// Whoever finds nothing due need not wait for a commit.
	var next time.Time
	var due bool
	err = s.view(ctx, func(tx *bbolt.Tx) (err error) {
		_, next, due, err = first(tx, bucket, now)
		return err
	})
	if err != nil || !due {
		return notDue(next, err)
	}
	var written []byte
	err = s.write(ctx, func(tx *bbolt.Tx, w *writes) (err error) {
		written, next, err = take(tx, w, q, now, lease)
		return err
	})
	if err != nil || written == nil {
		return notDue(next, err)
	}
	r, err := decodeRequest(written)
	return r, time.Time{}, err
}

func notDue(next time.Time, err error) (engine.Request, time.Time, error) {
	if err != nil {
		return engine.Request{}, time.Time{}, err
	}
	return engine.Request{}, next, engine.ErrNotFound
}

func queueBucket(q engine.Queue) ([]byte, error) {
	switch q {
	case engine.AccessQueue:
		return bucketAccess, nil
	case engine.CardQueue:
		return bucketCard, nil
	}
	return nil, engine.Refuse(engine.ErrInvalid, "There is no queue %q.", q)
}

// first looks at the head of a queue: whose turn it is, when, and whether that
// has come.
func first(tx *bbolt.Tx, bucket []byte, now time.Time) (n uint64, at time.Time, due bool, err error) {
	k, _ := tx.Bucket(bucket).Cursor().First()
	if k == nil {
		return 0, time.Time{}, false, nil
	}
	if at, err = parseMoment(k); err != nil {
		return 0, at, false, err
	}
	n, err = parseNumber(k[momentSize:])
	return n, at, !at.After(now), err
}

// take leases the first request that is due. It returns no record when another
// was faster and nothing is due any more.
func take(tx *bbolt.Tx, w *writes, q engine.Queue, now time.Time, lease time.Duration) ([]byte, time.Time, error) {
	bucket, err := queueBucket(q)
	if err != nil {
		return nil, time.Time{}, err
	}
	n, next, due, err := first(tx, bucket, now)
	if err != nil || !due {
		return nil, next, err
	}
	record := tx.Bucket(bucketRequests).Get(number(n))
	taken, err := decodeRequest(record)
	if err != nil {
		return nil, next, err
	}
	until := now.Add(lease).UTC()
	if q == engine.AccessQueue {
		taken.WakeAt, taken.Work.LeaseUntil = until, until
	} else {
		taken.DrawAt, taken.Drawing.LeaseUntil = until, until
	}
	written, err := w.replace(n, record, taken)
	return written, next, err
}
