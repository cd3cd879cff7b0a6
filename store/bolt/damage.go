package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// unreadable says that a request is in the file and cannot be worked with: a
// field of a newer version, or a disk that does not keep what it was given.
type unreadable struct {
	number uint64 // 0: not even that is known
	name   string // the request's ID, "" as long as nobody looked
	cause  error
}

func (u *unreadable) Error() string { return u.refusal().Say }

func (u *unreadable) Unwrap() []error { return []error{u.refusal(), u.cause} }

func (u *unreadable) refusal() *engine.Refusal {
	r := engine.Refuse(engine.ErrUnavailable, "Request %s cannot be read: its record is damaged, or a newer jitsudo wrote it.", u.name)
	return r.WithHint("Tell whoever runs jitsudo; the reason is in its log.")
}

// damage remembers which requests cannot be read, so that each is told of once.
type damage struct {
	mu    sync.Mutex
	names map[uint64]string
}

// isNew notes a request, and reports whether it was not known.
func (d *damage) isNew(u *unreadable) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := d.names[u.number]; known {
		return false
	}
	if d.names == nil {
		d.names = map[uint64]string{}
	}
	d.names[u.number] = unnamed(u.number)
	return true
}

// call gives a request that is noted a better name.
func (d *damage) call(n uint64, name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.names[n] = name
}

// unnamed is what a request is called whose ID is not known.
func unnamed(n uint64) string {
	if n == 0 {
		return "an unreadable place in a queue"
	}
	return fmt.Sprintf("record %d", n)
}

// Damaged returns the IDs of the requests that were found to be unreadable since
// the file was opened ("record 7" where the ID is lost as well), sorted. Nobody
// works on them: an access that one of them gave does not end by itself. Those
// that were due are out of their queues until the file is opened by a version
// that can read them.
func (s *Store) Damaged() []string {
	s.damage.mu.Lock()
	defer s.damage.mu.Unlock()
	var names []string
	for _, name := range s.damage.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// tell logs what cannot be read, each once.
func (s *Store) tell(ctx context.Context, bad ...*unreadable) {
	for _, u := range bad {
		if !s.damage.isNew(u) {
			continue
		}
		name := s.nameOf(ctx, u)
		s.damage.call(u.number, name)
		s.log.Error("a request cannot be read; nobody works on it, and an access that it gave does not end by itself",
			"request", name, "record", u.number, "file", s.path, "error", u.cause)
	}
}

// told returns err, having told of the request that cannot be read if that is
// what it says.
func (s *Store) told(ctx context.Context, err error) error {
	var u *unreadable
	if errors.As(err, &u) {
		s.tell(ctx, u)
	}
	return err
}

func (s *Store) tellMoved(l line, moved []uint64) {
	for _, n := range moved {
		s.log.Warn("a request stood in the wrong place of its queue and was put where it belongs",
			"record", n, "queue", string(l.bucket), "file", s.path)
	}
}

func (s *Store) nameOf(ctx context.Context, u *unreadable) string {
	name := u.name
	if name == "" {
		err := s.view(context.WithoutCancel(ctx), func(tx *bbolt.Tx) error {
			name = nameOf(tx, u.number)
			return nil
		})
		if err != nil {
			return unnamed(u.number)
		}
	}
	return name
}

// nameOf returns the ID of a request that cannot be read: what the record says
// where that is true, and otherwise the one that is filed under its number.
func nameOf(tx *bbolt.Tx, n uint64) string {
	ids := tx.Bucket(bucketIDs)
	var said struct {
		ID string `json:"id"`
	}
	if raw := tx.Bucket(bucketRequests).Get(number(n)); len(raw) > 1 && json.Unmarshal(raw[1:], &said) == nil && said.ID != "" {
		if bytes.Equal(ids.Get([]byte(said.ID)), number(n)) {
			return said.ID
		}
	}
	cursor := ids.Cursor()
	for id, filed := cursor.First(); id != nil; id, filed = cursor.Next() {
		if bytes.Equal(filed, number(n)) {
			return string(id)
		}
	}
	return unnamed(n)
}
