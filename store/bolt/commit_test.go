package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

func testStore(t *testing.T) *Store {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := Open(filepath.Join(dir, "jitsudo.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func testRequest(n int) (engine.Request, engine.Event) {
	at := time.Date(2026, 3, 14, 12, 0, n, 0, time.UTC)
	r := engine.Request{ID: fmt.Sprintf("req_%d", n), State: engine.Pending, Requester: "alice", CreatedAt: at}
	return r, engine.Event{At: at, Actor: "alice", Action: engine.EvCreated, RequestID: r.ID}
}

// faulty makes the transactions of a store fail, one after another: with an
// error before anything was written, or after all of it was.
func faulty(s *Store, faults ...fault) (done func() int) {
	n := 0
	s.update = func(db *bbolt.DB, fn func(*bbolt.Tx) error) error {
		var f fault
		if n < len(faults) {
			f = faults[n]
		}
		n++
		return f.update(db, fn)
	}
	return func() int { return n }
}

type fault struct {
	before, after error
	panics        bool
	meanwhile     func()
}

func (f fault) update(db *bbolt.DB, fn func(*bbolt.Tx) error) error {
	if f.meanwhile != nil {
		f.meanwhile()
	}
	if f.panics {
		panic("page 7: invalid page type")
	}
	err := db.Update(func(tx *bbolt.Tx) error { return errors.Join(fn(tx), f.before) })
	return errors.Join(err, f.after)
}

func TestU2_AFailedCommitWritesNothingAndTheNextOneWorks(t *testing.T) {
	for _, cause := range []error{syscall.EIO, syscall.ENOSPC} {
		t.Run(cause.Error(), func(t *testing.T) {
			s := testStore(t)
			first, event := testRequest(1)
			if err := s.Create(t.Context(), first, event); err != nil {
				t.Fatal(err)
			}
			faulty(s, fault{before: cause})
			r, event := testRequest(2)
			err := s.Create(t.Context(), r, event)
			if !errors.Is(err, engine.ErrUnavailable) || !errors.Is(err, cause) {
				t.Fatalf("%v, want unavailable because of %v", err, cause)
			}
			if _, err := s.Get(t.Context(), r.ID); !errors.Is(err, engine.ErrNotFound) {
				t.Errorf("%v", err)
			}
			if err := s.Create(t.Context(), r, event); err != nil {
				t.Error(err)
			}
			if head, err := s.Verify(t.Context()); err != nil || head.ID != 2 {
				t.Errorf("%v, %v", head, err)
			}
		})
	}
}

func TestCommit_OneThatFailedMayHaveBeenMade(t *testing.T) {
	s := testStore(t)
	faulty(s, fault{after: syscall.EIO})
	r, event := testRequest(1)
	r.Keys = []string{"k"}
	if err := s.Create(t.Context(), r, event); !errors.Is(err, engine.ErrUnavailable) {
		t.Fatal(err)
	}
	// Asking again with the same key gives the one that was made.
	var duplicate *engine.DuplicateError
	if err := s.Create(t.Context(), r, event); !errors.As(err, &duplicate) || duplicate.ID != r.ID {
		t.Errorf("%v, want the one that is there", err)
	}
	if head, err := s.Verify(t.Context()); err != nil || head.ID != 1 {
		t.Errorf("%v, %v", head, err)
	}
}

func TestCommit_AfterAFailureTheOldHandleIsNotUsed(t *testing.T) {
	s := testStore(t)
	old := s.db
	// The commit fails, and so does the empty one that proves the disk.
	done := faulty(s, fault{before: syscall.EIO}, fault{before: syscall.EIO}, fault{before: syscall.EIO}, fault{before: syscall.EIO})
	r, event := testRequest(1)
	if err := s.Create(t.Context(), r, event); !errors.Is(err, engine.ErrUnavailable) {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), r.ID); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("read: %v", err)
	}
	if err := s.Create(t.Context(), r, event); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("write: %v", err)
	}
	if err := s.Err(); err != nil || done() != 5 {
		t.Errorf("the disk is well again: %v after %d", err, done())
	}
	if err := old.View(func(*bbolt.Tx) error { return nil }); err == nil {
		t.Error("the old handle is open")
	}
	if err := s.Create(t.Context(), r, event); err != nil {
		t.Error(err)
	}
}

func TestCommit_AFileThatForgotIsNotUsed(t *testing.T) {
	s := testStore(t)
	path := s.Path()
	r, event := testRequest(1)
	if err := s.Create(t.Context(), r, event); err != nil {
		t.Fatal(err)
	}
	backup, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, event = testRequest(2)
	if err := s.Create(t.Context(), r, event); err != nil {
		t.Fatal(err)
	}
	faulty(s, fault{before: syscall.EIO, meanwhile: func() {
		// Somebody puts an older copy in the file's place.
		if err := errors.Join(os.Remove(path), os.WriteFile(path, backup, 0o600)); err != nil {
			t.Error(err)
		}
	}})
	r, event = testRequest(3)
	if err := s.Create(t.Context(), r, event); !errors.Is(err, engine.ErrUnavailable) {
		t.Fatal(err)
	}
	if err := s.Err(); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("it goes on with the older copy: %v", err)
	}
}

func TestCommit_ADamagedFileIsNotUsedAgain(t *testing.T) {
	s := testStore(t)
	faulty(s, fault{panics: true})
	r, event := testRequest(1)
	if err := s.Create(t.Context(), r, event); !errors.Is(err, engine.ErrUnavailable) {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), r, event); !errors.Is(err, errDamaged) {
		t.Error(err)
	}
	if _, err := s.Get(t.Context(), r.ID); !errors.Is(err, engine.ErrUnavailable) {
		t.Error(err)
	}
}

func TestU4_VerifySeesThatTheHeadIsAnother(t *testing.T) {
	s := testStore(t)
	r, event := testRequest(1)
	if err := s.Create(t.Context(), r, event); err != nil {
		t.Fatal(err)
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketMeta).Put(keyHead, fmt.Appendf(nil, `{"ID":1,"Hash":%q}`, engine.ZeroHash))
	})
	if err != nil {
		t.Fatal(err)
	}
	var broken *engine.ChainError
	if _, err := s.Verify(t.Context()); !errors.As(err, &broken) || broken.ID != 1 {
		t.Errorf("%v, want entry 1", err)
	}
}
