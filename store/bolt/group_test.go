package bolt

import (
	"errors"
	"sync"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// hold keeps the first transaction waiting until the queue has n changes.
func hold(s *Store, n int, rest ...fault) {
	faulty(s, append([]fault{{meanwhile: func() {
		for queued := 0; queued < n; {
			s.commits.mu.Lock()
			queued = len(s.commits.queue)
			s.commits.mu.Unlock()
		}
	}}}, rest...)...)
}

// crowd writes n requests at once; the fifth says no, and the one that is named
// bad cannot be written.
func crowd(t *testing.T, s *Store, n, bad int) []error {
	t.Helper()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			r, event := testRequest(i)
			errs[i] = s.write(t.Context(), func(tx *bbolt.Tx, w *writes) error {
				switch i {
				case bad:
					w.list = append(w.list, write{bucketMeta, nil, []byte("a key that cannot be")})
					return nil
				case 5:
					return errNo
				}
				n, err := newNumber(tx, r)
				value, _ := encodeRequest(r)
				return errors.Join(err, w.put(bucketIDs, []byte(r.ID), number(n)), w.put(bucketRequests, number(n), value),
					w.reindex(n, nil, r), w.log(tx, []engine.Event{event}))
			})
		})
	}
	all.Wait()
	return errs
}

var errNo = errors.New("no")

func TestCommit_OneBadChangeSpoilsNoOther(t *testing.T) {
	s := testStore(t)
	hold(s, 19)
	for i, err := range crowd(t, s, 20, 3) {
		switch {
		case i == 3 && err == nil, i == 5 && err != errNo, i != 3 && i != 5 && err != nil: //nolint:errorlint // unchanged
			t.Errorf("%d: %v", i, err)
		}
	}
	page, err := s.List(t.Context(), engine.Filter{})
	if err != nil || len(page.Requests) != 18 {
		t.Errorf("%d requests, %v", len(page.Requests), err)
	}
	if head, err := s.Verify(t.Context()); err != nil || head.ID != 18 {
		t.Errorf("%v, %v", head, err)
	}
}

func TestCommit_ManyWritersShareOneSync(t *testing.T) {
	s := testStore(t)
	syncs := 0
	hold(s, 49)
	counted := s.update
	s.update = func(db *bbolt.DB, fn func(*bbolt.Tx) error) error { syncs++; return counted(db, fn) }
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			r, event := testRequest(i)
			if err := s.Create(t.Context(), r, event); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if syncs != 2 {
		t.Errorf("%d syncs for 50 writers, want 2", syncs)
	}
}

func TestCommit_WhenTheSharedOneFailsEverybodyHearsOfIt(t *testing.T) {
	s := testStore(t)
	hold(s, 19, fault{before: syscall.EIO})
	failed := 0
	for _, err := range crowd(t, s, 20, -1) {
		if errors.Is(err, syscall.EIO) && errors.Is(err, engine.ErrUnavailable) {
			failed++
		}
	}
	if failed != 19 {
		t.Errorf("%d of 19 were told", failed)
	}
	if head, err := s.Verify(t.Context()); err != nil || head.ID > 1 {
		t.Errorf("%v, %v", head, err)
	}
}

func TestCommit_NothingToWriteIsNoSync(t *testing.T) {
	s := testStore(t)
	r, event := testRequest(1)
	if err := s.Create(t.Context(), r, event); err != nil {
		t.Fatal(err)
	}
	txid := func() (id int) {
		_ = s.db.View(func(tx *bbolt.Tx) error { id = tx.ID(); return nil })
		return id
	}
	before := txid()
	if _, err := s.Update(t.Context(), r.ID, func(*engine.Request) ([]engine.Event, error) { return nil, nil }); err != nil {
		t.Fatal(err)
	}
	if txid() != before {
		t.Error("an update that changes nothing was committed")
	}
}
