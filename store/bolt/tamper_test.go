package bolt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

func key(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

// edit rewrites one entry of the log.
func edit(id uint64, change func(value []byte) []byte) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		log := tx.Bucket([]byte("log"))
		value := bytes.Clone(log.Get(key(id)))
		changed := change(bytes.Clone(value))
		if bytes.Equal(value, changed) {
			return fmt.Errorf("entry %d was not changed", id)
		}
		return log.Put(key(id), changed)
	}
}

func TestU4_ABrokenLogIsFoundWhenItIsOpened(t *testing.T) {
	swap := func(old, now string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(now), 1) }
	}
	for _, c := range []struct {
		name   string
		change func(*bbolt.Tx) error
		at     uint64
	}{
		{"an actor edited", edit(5, swap(`"actor_identity":"alice`, `"actor_identity":"mallo`)), 5},
		{"a detail edited", edit(5, swap(`"role":"admin"`, `"role":"guest"`)), 5},
		{"a time edited", edit(5, swap(`"timestamp":"2026`, `"timestamp":"2027`)), 5},
		{"a field added", edit(5, swap(`{"id"`, `{"x":1,"id"`)), 5},
		{"a hash edited", edit(5, func(b []byte) []byte { b[len(b)-3] ^= 1; return b }), 5},
		{"the filing time edited", edit(5, func(b []byte) []byte { b[8] ^= 1; return b }), 5},
		{"cut short", edit(5, func(b []byte) []byte { return b[:len(b)/2] }), 5},
		{"emptied", edit(5, func([]byte) []byte { return []byte{} }), 5},
		{"deleted in the middle", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("log")).Delete(key(5)) }, 5},
		{"deleted at the end", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("log")).Delete(key(10)) }, 10},
		{"another in its place", func(tx *bbolt.Tx) error {
			log := tx.Bucket([]byte("log"))
			return log.Put(key(5), bytes.Clone(log.Get(key(6))))
		}, 5},
		{"one added at the end", func(tx *bbolt.Tx) error {
			log := tx.Bucket([]byte("log"))
			return log.Put(key(11), bytes.Clone(log.Get(key(10))))
		}, 11},
		{"the head edited", func(tx *bbolt.Tx) error {
			meta := tx.Bucket([]byte("meta"))
			head := bytes.Clone(meta.Get([]byte("head")))
			i := bytes.Index(head, []byte(`"Hash":"`)) + len(`"Hash":"`)
			head[i] ^= 1
			return meta.Put([]byte("head"), head)
		}, 10},
		{"everything deleted", func(tx *bbolt.Tx) error {
			if err := tx.DeleteBucket([]byte("log")); err != nil {
				return err
			}
			_, err := tx.CreateBucket([]byte("log"))
			return err
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := place(t)
			s := open(t, path)
			for i := range 10 {
				mustCreate(t, s, request(i))
			}
			must(t, s.Close())
			tamper(t, path, c.change)
			_, err := bolt.Open(path, bolt.Options{})
			var broken *engine.ChainError
			if !errors.As(err, &broken) || broken.ID != c.at {
				t.Fatalf("%v, want entry %d", err, c.at)
			}
			if sentence := refused(t, path, bolt.Options{}); !bytes.Contains([]byte(sentence), fmt.Appendf(nil, "entry %d", c.at)) {
				t.Error(sentence)
			}
		})
	}
}

func TestU4_TheTailIsCheckedAtOpeningAndAllOfItByVerify(t *testing.T) {
	path := place(t)
	s := open(t, path)
	for i := range 20 {
		mustCreate(t, s, request(i))
	}
	head, err := s.Verify(t.Context())
	must(t, err)
	if head.ID != 20 {
		t.Fatalf("verified up to %d", head.ID)
	}
	must(t, s.Close())
	tamper(t, path, edit(3, func(b []byte) []byte { b[len(b)-3] ^= 1; return b }))
	s, err = bolt.Open(path, bolt.Options{Tail: 10})
	must(t, err)
	_, err = s.Verify(t.Context())
	var broken *engine.ChainError
	if !errors.As(err, &broken) || broken.ID != 3 {
		t.Errorf("%v, want entry 3", err)
	}
	must(t, s.Close())
	for tail := 17; tail <= 30; tail++ {
		refused(t, path, bolt.Options{Tail: tail})
	}
}

func TestAdvance_OutlivesARestart(t *testing.T) {
	path := place(t)
	s := open(t, path)
	_, err := s.Advance(t.Context(), engine.Moment{Now: noon, Wall: noon})
	must(t, err)
	must(t, s.Close())
	s = open(t, path)
	got, err := s.Advance(t.Context(), engine.Moment{Now: noon.AddDate(-1, 0, 0), Wall: noon})
	must(t, err)
	if !got.Now.Equal(noon) {
		t.Fatalf("%v, want %v", got, noon)
	}
}

func TestRestart_KeepsEverything(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := request(1)
	r.Keys, r.WakeAt = []string{"k"}, noon
	mustCreate(t, s, r)
	must(t, s.Close())
	s = open(t, path)
	var duplicate *engine.DuplicateError
	again := request(2)
	again.Keys = r.Keys
	if err := s.Create(t.Context(), again); !errors.As(err, &duplicate) {
		t.Errorf("%v, want a DuplicateError", err)
	}
	mustCreate(t, s, request(3))
	page, err := s.List(t.Context(), engine.Filter{Requester: r.Requester})
	must(t, err)
	if len(page.Requests) != 2 || page.Requests[1].ID != r.ID {
		t.Errorf("%+v", page)
	}
	if _, err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
