package bolt_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

// journal is what a store logs, safe to read while it does.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

// lines returns the entries of a level since the last call.
func (j *journal) lines(t *testing.T, level string) (found []string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range strings.Lines(j.b.String()) {
		var entry struct{ Level string }
		must(t, json.Unmarshal([]byte(line), &entry))
		if entry.Level == level {
			found = append(found, line)
		}
	}
	j.b.Reset()
	return found
}

func openLogged(t *testing.T, path string) (*bolt.Store, *journal) {
	t.Helper()
	j := &journal{}
	s, err := bolt.Open(path, bolt.Options{Log: slog.New(slog.NewJSONHandler(j, nil))})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s, j
}

// due returns the request with the number n, due in both queues in the order of
// the numbers.
func due(n int) engine.Request {
	r := request(n)
	r.WakeAt, r.DrawAt = noon.Add(time.Duration(n)), noon.Add(time.Duration(n))
	return r
}

// withDue makes a closed database with n requests that are due.
func withDue(t *testing.T, n int) string {
	t.Helper()
	path := place(t)
	s := open(t, path)
	for i := range n {
		mustCreate(t, s, due(i))
	}
	must(t, s.Close())
	return path
}

func claimAll(t *testing.T, s engine.Store, q engine.Queue) []string {
	t.Helper()
	ids := []string{}
	for {
		r, _, err := s.Claim(t.Context(), q, noon.Add(time.Hour), time.Hour)
		if errors.Is(err, engine.ErrNotFound) {
			return ids
		}
		if err != nil {
			t.Fatalf("after %d from %s: %v", len(ids), q, err)
		}
		ids = append(ids, r.ID)
	}
}

func listAll(t *testing.T, s engine.Store, f engine.Filter) (ids []string, pages []int) {
	t.Helper()
	for {
		page, err := s.List(t.Context(), f)
		must(t, err)
		for _, r := range page.Requests {
			ids = append(ids, r.ID)
		}
		pages = append(pages, len(page.Requests))
		if f.PageToken = page.Next; page.Next == "" {
			return ids, pages
		}
	}
}

// spoil rewrites the record of the request with the number n (which begin at 0
// here, and at 1 in the file).
func spoil(n int, change func([]byte) []byte) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		records := tx.Bucket([]byte("requests"))
		return records.Put(key(uint64(n)+1), change(bytes.Clone(records.Get(key(uint64(n)+1)))))
	}
}

func newField(b []byte) []byte { return bytes.Replace(b, []byte(`{"id"`), []byte(`{"new":1,"id"`), 1) }
func cutShort(b []byte) []byte { return b[:len(b)/2] }

// queueBuckets are the two queues in the file.
var queueBuckets = map[engine.Queue]string{engine.AccessQueue: "access", engine.CardQueue: "card"}

// intoQueues puts a place, with nothing else, at the head of both queues.
func intoQueues(k []byte) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		return errors.Join(tx.Bucket([]byte("access")).Put(k, nil), tx.Bucket([]byte("card")).Put(k, nil))
	}
}

func TestG2_AnUnreadableRequestKeepsNoOtherWaiting(t *testing.T) {
	early := bytes.Repeat([]byte{0}, 12) // sorts before every other moment
	for name, c := range map[string]struct {
		harm    func(*bbolt.Tx) error
		damaged string // "": nothing is lost
	}{
		"a field of a newer version":  {spoil(0, newField), request(0).ID},
		"a record cut short":          {spoil(0, cutShort), request(0).ID},
		"a record with nothing in it": {spoil(0, func([]byte) []byte { return nil }), request(0).ID},
		"noise": {spoil(0, func(b []byte) []byte {
			for i := range b {
				b[i] ^= 0x55
			}
			return b
		}), request(0).ID},
		"no record": {func(tx *bbolt.Tx) error { return tx.Bucket([]byte("requests")).Delete(key(1)) }, request(0).ID},
		"no record and no ID": {func(tx *bbolt.Tx) error {
			return errors.Join(tx.Bucket([]byte("requests")).Delete(key(1)), tx.Bucket([]byte("ids")).Delete([]byte(request(0).ID)))
		}, "record 1"},
		"the ID of another": {spoil(0, func(b []byte) []byte {
			return newField(bytes.Replace(b, []byte(request(0).ID), []byte(request(1).ID), 1))
		}), request(0).ID},
		"a place in the queue of a few bytes":               {intoQueues([]byte("abc")), "an unreadable place in a queue"},
		"a place in the queue for nobody":                   {intoQueues(append(bytes.Clone(early), key(0)...)), "an unreadable place in a queue"},
		"a place in the queue for a request that never was": {intoQueues(append(bytes.Clone(early), key(99)...)), "record 99"},
		"a second place for the same request":               {intoQueues(append(bytes.Clone(early), key(2)...)), ""},
		"a place at a moment that is none": {
			intoQueues(slices.Concat(early[:8], []byte{255, 255, 255, 255}, key(2))), ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := withDue(t, 4)
			tamper(t, path, c.harm)
			s, log := openLogged(t, path)
			want := []string{request(0).ID, request(1).ID, request(2).ID, request(3).ID}
			if c.damaged == want[0] || c.damaged == "record 1" {
				want = want[1:]
			}
			for q := range queueBuckets {
				if got := claimAll(t, s, q); !slices.Equal(got, want) {
					t.Errorf("%s: claimed %v, want %v", q, got, want)
				}
			}
			told := log.lines(t, "ERROR")
			if c.damaged == "" {
				if len(told) != 0 || len(s.Damaged()) != 0 {
					t.Errorf("damaged %q, told %q", s.Damaged(), told)
				}
				return
			}
			if !slices.Equal(s.Damaged(), []string{c.damaged}) || len(told) != 1 || !strings.Contains(told[0], c.damaged) {
				t.Errorf("damaged %q, told %q; want %s, once", s.Damaged(), told, c.damaged)
			}
			must(t, s.Check(t.Context()))
			must(t, s.Close())
			s, log = openLogged(t, path) // who comes later is told as well
			if told := log.lines(t, "ERROR"); !slices.Equal(s.Damaged(), []string{c.damaged}) || len(told) != 1 {
				t.Errorf("after a restart: damaged %q, told %q", s.Damaged(), told)
			}
		})
	}
}

func TestG2_ARequestTooLargeToBeLeasedKeepsNoOtherWaiting(t *testing.T) {
	path := place(t)
	s, log := openLogged(t, path)
	fits := func(n int) bool {
		r := due(0)
		r.ID, r.Reason = fmt.Sprintf("req_%07d", n), strings.Repeat("x", n)
		return s.Create(t.Context(), r) == nil
	}
	low, high := 1<<19, 1<<20 // the longest that fits
	for low+1 < high {
		if middle := (low + high) / 2; fits(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	mustCreate(t, s, due(1))
	got := claimAll(t, s, engine.AccessQueue)
	if !slices.Contains(got, request(1).ID) || slices.Contains(got, fmt.Sprintf("req_%07d", low)) {
		t.Errorf("claimed %v", got)
	}
	if told := log.lines(t, "ERROR"); len(told) == 0 || !slices.Contains(s.Damaged(), fmt.Sprintf("req_%07d", low)) {
		t.Errorf("damaged %v, told %q", s.Damaged(), told)
	}
	must(t, s.Close())
	tamper(t, path, func(tx *bbolt.Tx) error {
		if n := tx.Bucket([]byte("access")).Stats().KeyN; n != len(got) {
			t.Errorf("%d in the queue, %d were leased", n, len(got))
		}
		return nil
	})
}

// What is passed over once is not looked at again.
func TestClaim_ManyUnreadableRequestsCostOnce(t *testing.T) {
	const bad, good = 300, 3
	path := withDue(t, bad+good)
	tamper(t, path, func(tx *bbolt.Tx) error {
		var all []error
		for n := range bad {
			all = append(all, spoil(n, cutShort)(tx))
		}
		return errors.Join(all...)
	})
	s, _ := openLogged(t, path)
	r, _, err := s.Claim(t.Context(), engine.AccessQueue, noon.Add(time.Hour), time.Hour)
	if err != nil || r.ID != request(bad).ID {
		t.Fatalf("%s, %v", r.ID, err)
	}
	must(t, s.Close())
	left := map[string]int{}
	tamper(t, path, func(tx *bbolt.Tx) error {
		for _, name := range []string{"access", "card", "parked"} {
			if b := tx.Bucket([]byte(name)); b != nil {
				left[name] = b.Stats().KeyN
			}
		}
		return nil
	})
	if left["access"] != good || left["card"] != bad+good || left["parked"] != bad {
		t.Errorf("%v in the queues, want %d that can be read", left, good)
	}
}

func TestClaim_UnreadableOnesAreSharedOutToo(t *testing.T) {
	const n = 60
	path := withDue(t, n)
	tamper(t, path, func(tx *bbolt.Tx) error {
		var all []error
		for i := range n / 2 {
			all = append(all, spoil(2*i, newField)(tx))
		}
		return errors.Join(all...)
	})
	s, log := openLogged(t, path)
	var mu sync.Mutex
	var all sync.WaitGroup
	claims := map[string]int{}
	for range 8 {
		all.Go(func() {
			for {
				r, _, err := s.Claim(t.Context(), engine.AccessQueue, noon.Add(time.Hour), time.Hour)
				if err != nil {
					if !errors.Is(err, engine.ErrNotFound) {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				claims[r.ID]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for i := range n {
		if got := claims[request(i).ID]; got != i%2 {
			t.Errorf("%s was claimed %d times", request(i).ID, got)
		}
	}
	if told := log.lines(t, "ERROR"); len(told) != n/2 || len(s.Damaged()) != n/2 {
		t.Errorf("%d damaged, %d told, want %d", len(s.Damaged()), len(told), n/2)
	}
}

func TestOpen_WhatCanBeReadAgainIsWorkedOnAgain(t *testing.T) {
	path := withDue(t, 2)
	var whole []byte
	tamper(t, path, spoil(0, func(b []byte) []byte { whole = bytes.Clone(b); return newField(b) }))
	s, _ := openLogged(t, path)
	for q := range queueBuckets {
		if got := claimAll(t, s, q); len(got) != 1 {
			t.Fatalf("claimed %v", got)
		}
	}
	must(t, s.Close())
	tamper(t, path, spoil(0, func([]byte) []byte { return whole }))
	s, log := openLogged(t, path)
	for q := range queueBuckets {
		if got := claimAll(t, s, q); !slices.Equal(got, []string{request(0).ID}) {
			t.Errorf("%s: claimed %v", q, got)
		}
	}
	if len(s.Damaged()) != 0 || len(log.lines(t, "ERROR")) != 0 {
		t.Errorf("damaged: %v", s.Damaged())
	}
	must(t, s.Close())
	tamper(t, path, func(tx *bbolt.Tx) error {
		if n := tx.Bucket([]byte("parked")).Stats().KeyN; n != 0 {
			t.Errorf("%d are still set aside", n)
		}
		return nil
	})
}

func TestList_LeavesOutWhatCannotBeReadAndItsPagesAreFull(t *testing.T) {
	const n = 10
	path := withDue(t, n)
	lost := []int{0, 4, 5, 9}
	tamper(t, path, func(tx *bbolt.Tx) error {
		var all []error
		for _, i := range lost {
			all = append(all, spoil(i, cutShort)(tx))
		}
		return errors.Join(all...)
	})
	s, log := openLogged(t, path)
	var want []string
	for i := n - 1; i >= 0; i-- {
		if !slices.Contains(lost, i) {
			want = append(want, request(i).ID)
		}
	}
	for size := 1; size <= n; size++ {
		for _, f := range []engine.Filter{{}, {State: engine.Pending, Requester: "alice@example.com"}} {
			f.PageSize = size
			got, pages := listAll(t, s, f)
			if !slices.Equal(got, want) {
				t.Errorf("%+v: %v, want %v", f, got, want)
			}
			for i, held := range pages {
				if held != size && i != len(pages)-1 {
					t.Errorf("%+v: pages of %v", f, pages)
				}
			}
		}
	}
	if told := log.lines(t, "ERROR"); len(told) != len(lost) || len(s.Damaged()) != len(lost) {
		t.Errorf("damaged %v, told %q", s.Damaged(), told)
	}
}

func TestGet_AnUnreadableRequestIsAClearError(t *testing.T) {
	path := place(t)
	s := open(t, path)
	r := request(0)
	r.Keys = []string{"k"}
	mustCreate(t, s, r)
	must(t, s.Close())
	tamper(t, path, spoil(0, newField))
	again := request(1)
	again.Keys = r.Keys
	for name, call := range map[string]func(s *bolt.Store) error{
		"Get": func(s *bolt.Store) error { _, err := s.Get(t.Context(), r.ID); return err },
		"Update": func(s *bolt.Store) error {
			_, err := s.Update(t.Context(), r.ID, touch)
			return err
		},
		"Create with its key": func(s *bolt.Store) error { return s.Create(t.Context(), again) },
	} {
		t.Run(name, func(t *testing.T) {
			s, log := openLogged(t, path)
			for range 3 {
				err := call(s)
				if say := engine.Explain(err); !errors.Is(err, engine.ErrUnavailable) || !strings.Contains(say, "Request "+r.ID+" cannot be read") {
					t.Errorf("%v: %q", err, say)
				}
			}
			if told := log.lines(t, "ERROR"); len(told) != 1 || !strings.Contains(told[0], `unknown field \"new\"`) && !strings.Contains(told[0], `unknown field \\\"new\\\"`) {
				t.Errorf("told %q", told)
			}
			must(t, s.Close())
		})
	}
}
