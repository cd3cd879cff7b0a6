package bolt

import (
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// errNothing ends a transaction in which nothing was to be written.
var errNothing = errors.New("nothing to write")

// commit writes a group of changes with one sync and leaves each one's outcome
// on it. Only one commit runs at a time.
func (s *Store) commit(group []*op) {
	for live := group; len(live) > 0; {
		culprit, err := s.attempt(live)
		if culprit != nil {
			live = slices.DeleteFunc(slices.Clone(live), func(o *op) bool { return o == culprit })
			continue // the others, without it, in a transaction of their own
		}
		if err != nil {
			// Those whose change was refused hear of it too: they may have
			// been refused because of one that is not written now.
			for _, o := range live {
				o.err, o.thrown = err, nil
			}
		}
		return
	}
}

// attempt runs the group in one transaction. It returns the change that could
// not be written, or why the whole transaction failed.
func (s *Store) attempt(group []*op) (culprit *op, err error) {
	if err := s.mend(); err != nil {
		return nil, err
	}
	// db changes only when this goroutine, the one leader, says so.
	s.handle.RLock()
	db := s.db
	s.handle.RUnlock()
	if db == nil {
		return nil, s.closedError()
	}
	var head engine.Head
	err = s.transact(db, func(tx *bbolt.Tx) error {
		culprit, err = applyGroup(tx, group)
		if err != nil {
			return err
		}
		last, err := readHead(tx)
		head = last.Head
		return err
	})
	switch {
	case culprit != nil || errors.Is(err, errNothing):
		return culprit, nil
	case err != nil:
		return nil, s.broken(err)
	}
	s.handle.Lock()
	s.acked = head
	s.handle.Unlock()
	return nil, nil
}

// applyGroup runs every change on what the ones before it left.
func applyGroup(tx *bbolt.Tx, group []*op) (culprit *op, err error) {
	err = errNothing
	for _, o := range group {
		w := writes{}
		if o.err = o.decide(tx, &w); o.err != nil || w.empty() {
			continue
		}
		if o.err = w.apply(tx); o.err != nil {
			return o, o.err
		}
		err = nil
	}
	return nil, err
}

// transact runs one transaction; a panic of bbolt, which means that the file is
// damaged, comes back as an error.
func (s *Store) transact(db *bbolt.DB, fn func(*bbolt.Tx) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %v", errDamaged, v)
		}
	}()
	return s.update(db, fn)
}

var errDamaged = errors.New("the database file is damaged")

// broken deals with a transaction that failed as a whole: the file is closed
// and opened afresh. At its largest size the file is sound and stays open.
func (s *Store) broken(err error) error {
	if errors.Is(err, berrors.ErrMaxSizeReached) {
		return unwritten(err)
	}
	s.handle.Lock()
	if s.db != nil && !errors.Is(err, errDamaged) {
		_ = s.db.Close() // its error would only repeat what is known
	}
	s.db, s.why = nil, err
	s.handle.Unlock()
	_ = s.mend() // if it fails now, whoever comes next tries again
	return unwritten(err)
}

// mend opens the file again after a failed commit. The first commit on the new
// handle is an empty one: when it is on disk, so is all that can be read.
func (s *Store) mend() error {
	s.handle.RLock()
	healthy := s.db != nil
	s.handle.RUnlock()
	if healthy {
		return nil
	}
	if !s.mending.TryLock() {
		return s.closedError()
	}
	defer s.mending.Unlock()
	s.handle.Lock()
	defer s.handle.Unlock()
	if s.db != nil {
		return nil
	}
	if errors.Is(s.why, errClosed) || errors.Is(s.why, errDamaged) {
		return s.unavailable()
	}
	db, err := s.load()
	if err != nil {
		s.why = err
		return s.unavailable()
	}
	if err := s.transact(db, func(*bbolt.Tx) error { return nil }); err != nil {
		_ = db.Close()
		s.why = err
		return s.unavailable()
	}
	s.db, s.why = db, nil
	return nil
}

func (s *Store) closedError() error {
	s.handle.RLock()
	defer s.handle.RUnlock()
	return s.unavailable()
}

// Err returns why the store cannot be used just now, nil when it can. It tries
// to open the file again first.
func (s *Store) Err() error { return s.mend() }
