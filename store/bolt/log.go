package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// head is the end of the chain as the file keeps it.
type head struct {
	engine.Head
	At time.Time
}

func readHead(tx *bbolt.Tx) (head, error) {
	raw := tx.Bucket(bucketMeta).Get(keyHead)
	if raw == nil {
		return head{Head: engine.Head{Hash: engine.ZeroHash}}, nil
	}
	var h head
	if err := json.Unmarshal(raw, &h); err != nil {
		return head{}, fmt.Errorf("%w: head of the audit log: %w", errRecord, err)
	}
	return h, nil
}

// log seals events in order and adds them. Time never runs backwards in the
// log: an entry is not dated before the one it follows.
func (w *writes) log(tx *bbolt.Tx, events []engine.Event) error {
	if len(events) == 0 {
		return nil
	}
	h, err := readHead(tx)
	if err != nil {
		return err
	}
	for _, e := range events {
		if e.At.Before(h.At) {
			e.At = h.At
		}
		sealed, err := e.Seal(h.Head)
		if err != nil {
			return fmt.Errorf("seal audit entry: %w: %w", engine.ErrInvalid, err)
		}
		if err := w.entry(sealed); err != nil {
			return err
		}
		h = head{engine.Head{ID: sealed.ID, Hash: sealed.Hash}, sealed.At}
	}
	raw, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("encode head: %w", err)
	}
	return w.put(bucketMeta, keyHead, raw)
}

func (w *writes) entry(sealed engine.Event) error {
	value, err := encodeEntry(sealed)
	if err != nil {
		return err
	}
	if err := w.put(bucketLog, number(sealed.ID), value); err != nil {
		return err
	}
	for _, k := range eventKeys(sealed) {
		if err := w.put(bucketLogBy, k, nil); err != nil {
			return err
		}
	}
	return nil
}

// Append implements [engine.Log]. Entries that belong to no change of a request,
// refusals above all, are refused like new requests when the file is nearly full:
// whoever knocks all day must not use up what the ends of accesses need.
func (s *Store) Append(ctx context.Context, events ...engine.Event) error {
	if len(events) == 0 {
		return ctx.Err()
	}
	events = slices.Clone(events)
	return s.write(ctx, func(tx *bbolt.Tx, w *writes) error {
		if err := s.room(tx); err != nil {
			return err
		}
		return w.log(tx, events)
	})
}

// Head implements [engine.Log].
func (s *Store) Head(ctx context.Context) (engine.Head, error) {
	var h head
	err := s.view(ctx, func(tx *bbolt.Tx) (err error) {
		h, err = readHead(tx)
		return err
	})
	return h.Head, err
}

// readEntry reads one entry of the log; it is good only within the transaction.
func readEntry(tx *bbolt.Tx, id uint64) (entry, error) {
	raw := tx.Bucket(bucketLog).Get(number(id))
	if raw == nil {
		return entry{}, &engine.ChainError{ID: id, Why: "is missing"}
	}
	e, err := decodeEntry(raw)
	if err != nil {
		return entry{}, &engine.ChainError{ID: id, Why: err.Error()}
	}
	return e, nil
}

// verifyTail checks the newest entries of the log: that each follows the one
// before unaltered, and that the last is the one the file says is the last.
func verifyTail(tx *bbolt.Tx, tail int) error {
	want, err := readHead(tx)
	if err != nil {
		return &engine.ChainError{ID: 0, Why: err.Error()}
	}
	last, err := lastNumber(tx, bucketLog)
	if err != nil {
		return &engine.ChainError{ID: want.ID, Why: err.Error()}
	}
	if last > want.ID {
		return &engine.ChainError{ID: want.ID + 1, Why: "was added behind the end of the log"}
	}
	have, from := engine.Head{Hash: engine.ZeroHash}, uint64(1)
	if want.ID > uint64(tail) {
		known, err := readEntry(tx, want.ID-uint64(tail))
		if err != nil {
			return err
		}
		have, from = engine.Head{ID: known.ID, Hash: known.Hash}, known.ID+1
		if known.ID != want.ID-uint64(tail) {
			return &engine.ChainError{ID: want.ID - uint64(tail), Why: fmt.Sprintf("entry %d stands in its place", known.ID)}
		}
	}
	for id := from; id <= want.ID; id++ {
		e, err := readEntry(tx, id)
		if err != nil {
			return err
		}
		if have, err = engine.VerifyNext(have, e.raw); err != nil {
			return err
		}
	}
	if have != want.Head {
		return &engine.ChainError{ID: want.ID, Why: "is not the one that was written last"}
	}
	return nil
}

// Verify checks the whole log as it is now and returns its head. A broken log
// is an *[engine.ChainError].
func (s *Store) Verify(ctx context.Context) (engine.Head, error) {
	const step = 500 // so that no long read keeps the file from growing
	at := engine.Head{Hash: engine.ZeroHash}
	for {
		before := at
		err := s.view(ctx, func(tx *bbolt.Tx) (err error) {
			at, err = verifyFrom(tx, at, step)
			return err
		})
		if err != nil || at == before {
			return at, err
		}
	}
}

func verifyFrom(tx *bbolt.Tx, at engine.Head, limit uint64) (engine.Head, error) {
	end, err := readHead(tx)
	if err != nil {
		return at, err
	}
	for limit += at.ID; at.ID < min(end.ID, limit); {
		e, err := readEntry(tx, at.ID+1)
		if err != nil {
			return at, err
		}
		if at, err = engine.VerifyNext(at, e.raw); err != nil {
			return at, err
		}
	}
	if at.ID == end.ID && at != end.Head {
		return at, &engine.ChainError{ID: at.ID, Why: "is not the one that was written last"}
	}
	return at, nil
}

// Check reads the whole file and returns the first thing in its structure that
// is not as it must be; about half a second for a gigabyte.
func (s *Store) Check(ctx context.Context) error {
	return s.view(ctx, func(tx *bbolt.Tx) error {
		var all []error
		for err := range tx.Check() {
			all = append(all, err)
		}
		if err := errors.Join(all...); err != nil {
			return damaged(s.path, err)
		}
		return nil
	})
}
