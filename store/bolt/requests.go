package bolt

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Create implements [engine.Requests].
func (s *Store) Create(ctx context.Context, r engine.Request, events ...engine.Event) error {
	value, err := encodeRequest(r)
	if err != nil {
		return err
	}
	events = slices.Clone(events)
	err = s.write(ctx, func(tx *bbolt.Tx, w *writes) error {
		if err := s.room(tx); err != nil {
			return err
		}
		n, err := newNumber(tx, r)
		if err != nil {
			return err
		}
		if len(r.Keys) > 0 && r.Keys[0] != "" {
			if err := w.put(bucketKeys, idempotencyKey(r.Requester, r.Keys[0]), number(n)); err != nil {
				return err
			}
		}
		return errors.Join(
			w.put(bucketIDs, []byte(r.ID), number(n)),
			w.put(bucketRequests, number(n), value),
			w.reindex(n, nil, r),
			w.log(tx, events))
	})
	return s.told(ctx, err)
}

// newNumber returns the number for a new request, or says why there may be none.
func newNumber(tx *bbolt.Tx, r engine.Request) (uint64, error) {
	if len(r.Keys) > 0 && r.Keys[0] != "" {
		if n := tx.Bucket(bucketKeys).Get(idempotencyKey(r.Requester, r.Keys[0])); n != nil {
			return 0, sameKey(tx, n)
		}
	}
	if tx.Bucket(bucketIDs).Get([]byte(r.ID)) != nil {
		return 0, engine.Refuse(engine.ErrConflict, "Request %s exists already.", r.ID)
	}
	last, err := lastNumber(tx, bucketRequests)
	return last + 1, err
}

// sameKey says which request has an idempotency key already.
func sameKey(tx *bbolt.Tx, key []byte) error {
	first, err := decodeRequest(tx.Bucket(bucketRequests).Get(key))
	if err == nil {
		return &engine.DuplicateError{ID: first.ID}
	}
	n, numberErr := parseNumber(key)
	if numberErr != nil {
		return numberErr
	}
	return &unreadable{n, nameOf(tx, n), err}
}

func lastNumber(tx *bbolt.Tx, bucket []byte) (uint64, error) {
	k, _ := tx.Bucket(bucket).Cursor().Last()
	if k == nil {
		return 0, nil
	}
	return parseNumber(k)
}

// Get implements [engine.Requests].
func (s *Store) Get(ctx context.Context, id string) (engine.Request, error) {
	var n uint64
	var raw []byte
	err := s.view(ctx, func(tx *bbolt.Tx) (err error) {
		var value []byte
		n, value, err = find(tx, id)
		raw = bytes.Clone(value)
		return err
	})
	if err != nil {
		return engine.Request{}, err
	}
	r, err := decodeRequest(raw)
	if err != nil {
		return engine.Request{}, s.told(ctx, &unreadable{n, id, err})
	}
	return r, nil
}

// find returns a request's number and record; the record is good only within
// the transaction.
func find(tx *bbolt.Tx, id string) (uint64, []byte, error) {
	key := tx.Bucket(bucketIDs).Get([]byte(id))
	if key == nil {
		return 0, nil, engine.ErrNotFound
	}
	n, err := parseNumber(key)
	if err != nil {
		return 0, nil, err
	}
	return n, tx.Bucket(bucketRequests).Get(key), nil
}

// Update implements [engine.Requests].
func (s *Store) Update(ctx context.Context, id string, change func(*engine.Request) ([]engine.Event, error)) (engine.Request, error) {
	var written []byte
	err := s.write(ctx, func(tx *bbolt.Tx, w *writes) error {
		n, value, err := find(tx, id)
		if err != nil {
			return err
		}
		now, err := decodeRequest(value)
		if err != nil {
			return &unreadable{n, id, err}
		}
		events, err := change(&now)
		if err != nil {
			return err
		}
		if now.ID != id {
			return engine.Refuse(engine.ErrInvalid, "The ID of request %s cannot change.", id)
		}
		if written, err = w.replace(n, value, now); err != nil {
			return err
		}
		return w.log(tx, events)
	})
	if err != nil {
		return engine.Request{}, s.told(ctx, err)
	}
	return decodeRequest(written)
}

// replace writes a request in place of its record, unless that says the same.
func (w *writes) replace(n uint64, record []byte, now engine.Request) ([]byte, error) {
	after, err := encodeRequest(now)
	if err != nil || bytes.Equal(record, after) {
		return after, err
	}
	old, err := decodeRequest(record)
	if err != nil {
		return nil, err
	}
	return after, errors.Join(w.put(bucketRequests, number(n), after), w.reindex(n, &old, now))
}

// write commits one change, together with those of all who wait.
func (s *Store) write(ctx context.Context, plan func(*bbolt.Tx, *writes) error) error {
	err := s.commits.do(ctx, plan)
	if errors.Is(err, errClosed) {
		return s.closedError()
	}
	return err
}
