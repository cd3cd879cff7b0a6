package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/jitsudo-chat/jitsudo/engine"
)

var errClosed = errors.New("the database is closed")

func refuse(say, hint string) *engine.Refusal {
	return &engine.Refusal{Kind: engine.ErrInvalid, Say: say, Hint: hint}
}

// failure is a refusal that keeps the cause for errors.Is and errors.As.
func failure(r *engine.Refusal, cause error) error { return &wrapped{r, cause} }

type wrapped struct {
	refusal *engine.Refusal
	cause   error
}

func (w *wrapped) Error() string   { return w.refusal.Say }
func (w *wrapped) Unwrap() []error { return []error{w.refusal, w.cause} }

// explainOpen turns the system's word on a path into a sentence.
func explainOpen(path string, err error) error {
	var own *engine.Refusal
	switch {
	case errors.As(err, &own):
		return err
	case errors.Is(err, syscall.ELOOP):
		return failure(refuse(path+" is a symbolic link.", "Set store.path to the database file itself."), err)
	case errors.Is(err, syscall.EISDIR):
		return failure(refuse(path+" is a folder.", "Set store.path to a file in it, such as "+path+"/jitsudo.db."), err)
	case errors.Is(err, syscall.EROFS):
		return failure(refuse(path+" is on a file system that is mounted read-only.", "Set store.path to a place that can be written."), err)
	case errors.Is(err, fs.ErrPermission):
		return failure(refuse(path+" may not be opened for writing.", "Give it to the daemon's user with mode 0600."), err)
	case errors.Is(err, fs.ErrNotExist):
		return failure(refuse(path+" is not there.", "Check store.path, and that nothing removes the file."), err)
	}
	return failure(refuse(fmt.Sprintf("The database file %s cannot be opened: %v.", path, err), ""), err)
}

// explainBolt turns bbolt's word on a file into a sentence.
func explainBolt(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		r := engine.Refuse(engine.ErrConflict, "Another jitsudod has the database file %s open.", path)
		return failure(r.WithHint("Stop the other one, or give this one a store.path of its own."), err)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return failure(foreignFile(path), err)
	}
	return explainOpen(path, err)
}

func foreignFile(path string) *engine.Refusal {
	return refuse(path+" is not a jitsudo database, or it is damaged.",
		"Set store.path to another file, or restore a backup.")
}

func damaged(path string, cause any) error {
	return refuse(fmt.Sprintf("The database file %s is damaged (%v).", path, cause), "Restore a backup.")
}

func brokenChain(path string, err error) error {
	say := fmt.Sprintf("The audit log in %s is not what was written: %v.", path, err)
	return failure(refuse(say, "Keep this file as evidence, find out who changed it, and restore a backup."), err)
}

// unwritten tells a caller that a commit failed.
func unwritten(err error) error {
	if errors.Is(err, berrors.ErrMaxSizeReached) {
		return full(errors.Join(ErrFull, err))
	}
	r := engine.Refuse(engine.ErrUnavailable, "The database could not be written.")
	return failure(r.WithHint("Look at what is there before trying again: the change may or may not have been made."), err)
}

func full(cause error) error {
	r := engine.Refuse(engine.ErrUnavailable, "The database has reached its largest size.")
	return failure(r.WithHint("Whoever runs jitsudo can raise store.max_size."), cause)
}

// unavailable says that the file is closed just now, and why. The caller holds
// the handle's lock.
func (s *Store) unavailable() error {
	if errors.Is(s.why, errClosed) {
		return failure(engine.Refuse(engine.ErrUnavailable, "The database is closed."), s.why)
	}
	r := engine.Refuse(engine.ErrUnavailable, "The database is not available just now.")
	return failure(r.WithHint("Try again in a moment."), s.why)
}

// checkFormat makes sure that the file is ours and of a format we know.
func checkFormat(tx *bbolt.Tx, path string) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		return foreignFile(path)
	}
	switch f := string(meta.Get(keyFormat)); {
	case f == "":
		return foreignFile(path)
	case len(f) != 1 || f[0] > formatVersion:
		return refuse(path+" was made by a newer jitsudo.", "Run that version or a later one.")
	case f[0] == 0:
		return foreignFile(path)
	}
	for _, name := range buckets {
		if tx.Bucket(name) == nil {
			return damaged(path, fmt.Sprintf("%s is missing", name))
		}
	}
	return nil
}
