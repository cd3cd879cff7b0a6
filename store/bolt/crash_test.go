package bolt_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

// roleEnv makes the test binary play a part in a child process.
const roleEnv = "JITSUDO_BOLT_TEST_ROLE"

func TestMain(m *testing.M) {
	switch role, path, _ := strings.Cut(os.Getenv(roleEnv), ":"); role {
	case "writer":
		exit(writeForEver(path))
	case "limited":
		exit(writeToTheLimit(path))
	case "synced":
		exit(writeInTurn(path, func(*bolt.Store) {}))
	case "unsynced":
		exit(writeInTurn(path, (*bolt.Store).WithoutSync))
	}
	os.Exit(m.Run())
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func child(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), roleEnv+"="+role+":"+path)
	cmd.Stderr = os.Stderr
	return cmd
}

// writeForEver creates and decides requests from many goroutines and says which
// are on disk.
func writeForEver(path string) error {
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return err
	}
	head, err := s.Head(context.Background())
	if err != nil {
		return err
	}
	var out sync.Mutex
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for n := int(head.ID)*10 + worker; ; n += 8 {
				if err := writeOne(s, n); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				out.Lock()
				fmt.Println(request(n).ID)
				out.Unlock()
			}
		})
	}
	all.Wait()
	return errors.New("the writers gave up")
}

func writeOne(s *bolt.Store, n int) error {
	r := request(n)
	if err := s.Create(context.Background(), r, created(r)); err != nil {
		return err
	}
	_, err := s.Update(context.Background(), r.ID, func(r *engine.Request) ([]engine.Event, error) {
		r.State = engine.Canceled
		e := created(*r)
		e.Action = engine.EvCanceled
		return []engine.Event{e}, nil
	})
	return err
}

func TestU1_WhatWasAcknowledgedOutlivesAKill(t *testing.T) {
	path := place(t)
	acknowledged := []string{}
	for range 4 {
		cmd := child(t, "writer", path)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			acknowledged = append(acknowledged, lines.Text())
			if n == 60 {
				must(t, cmd.Process.Kill()) // and read on: what it said before it died counts
			}
		}
		_ = cmd.Wait()
		s := open(t, path)
		intact(t, s, acknowledged)
		must(t, s.Close())
	}
	if len(acknowledged) < 200 {
		t.Fatalf("only %d were acknowledged", len(acknowledged))
	}
}

// intact checks the log, that every acknowledged request is as it was left, and
// that each request has exactly the entries that its state needs.
func intact(t *testing.T, s *bolt.Store, acknowledged []string) {
	t.Helper()
	must(t, s.Check(t.Context()))
	head, err := s.Verify(t.Context())
	must(t, err)
	for _, id := range acknowledged {
		r, err := s.Get(t.Context(), id)
		if err != nil || r.State != engine.Canceled {
			t.Fatalf("%s: %+v, %v", id, r, err)
		}
	}
	var entries uint64
	f := engine.Filter{PageSize: engine.MaxPage}
	for {
		page, err := s.List(t.Context(), f)
		must(t, err)
		for _, r := range page.Requests {
			log, err := s.Events(t.Context(), engine.EventFilter{RequestID: r.ID})
			must(t, err)
			want := map[engine.State]int{engine.Pending: 1, engine.Canceled: 2}[r.State]
			if len(log.Events) != want {
				t.Fatalf("%s is %s and has %d entries", r.ID, r.State, len(log.Events))
			}
			entries += uint64(want)
		}
		if f.PageToken = page.Next; page.Next == "" {
			break
		}
	}
	if entries != head.ID {
		t.Fatalf("%d entries of requests, %d in all", entries, head.ID)
	}
}

// writeToTheLimit writes until the file may not grow any more, as on a full
// disk, and goes on when it may again.
func writeToTheLimit(path string) error {
	signal.Ignore(syscall.SIGXFSZ) // an error instead of a signal
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return err
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	limit := before
	limit.Cur = 256 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	n := 0
	for ; n < 5000; n++ {
		if err = writeOne(s, n); err != nil {
			break
		}
	}
	if !errors.Is(err, engine.ErrUnavailable) {
		return fmt.Errorf("after %d requests: %v", n, err)
	}
	if _, err := s.Get(context.Background(), request(n/2).ID); err != nil {
		return fmt.Errorf("reading on a full disk: %w", err)
	}
	if _, err := s.Verify(context.Background()); err != nil {
		return fmt.Errorf("on a full disk: %w", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	for i := range 50 {
		if err := writeOne(s, n+1+i); err != nil {
			return fmt.Errorf("with room again: %w", err)
		}
	}
	if _, err := s.Verify(context.Background()); err != nil {
		return err
	}
	fmt.Println(n)
	return errors.Join(s.Check(context.Background()), s.Close())
}

func TestU2_AFullDiskLosesNothing(t *testing.T) {
	path := place(t)
	out, err := child(t, "limited", path).Output()
	must(t, err)
	var n int
	if _, err := fmt.Sscan(string(out), &n); err != nil || n < 10 {
		t.Fatalf("%d requests before the disk was full (%q)", n, out)
	}
	s := open(t, path)
	for i := range n {
		if _, err := s.Get(t.Context(), request(i).ID); err != nil {
			t.Fatal(err)
		}
	}
}

// fillUp creates requests until one is refused, and returns how many there are
// at least, and why there are no more.
func fillUp(t *testing.T, s *bolt.Store) (int, error) {
	t.Helper()
	var next, made atomic.Int64
	var why atomic.Value
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for why.Load() == nil {
				r := request(int(next.Add(1)) - 1)
				r.Reason = strings.Repeat("x", 8000)
				if err := s.Create(t.Context(), r, created(r)); err != nil {
					why.Store(err)
					return
				}
				made.Add(1)
			}
		})
	}
	all.Wait()
	err, _ := why.Load().(error)
	return int(made.Load()), err
}

const smallest = 16 << 20

// wantFull fails unless err is what somebody hears who is turned away because
// the file is full.
func wantFull(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, bolt.ErrFull) || !errors.Is(err, engine.ErrUnavailable) || !strings.Contains(engine.Explain(err), "store.max_size") {
		t.Fatalf("%v, want ErrFull", err)
	}
}

// end ends the access of request n, with that much to say about it.
func end(t *testing.T, s *bolt.Store, n, size int) error {
	t.Helper()
	_, err := s.Update(t.Context(), request(n).ID, func(r *engine.Request) ([]engine.Event, error) {
		r.State = engine.Revoking
		e := created(*r)
		e.Details["x"] = strings.Repeat("x", size)
		return []engine.Event{e}, nil
	})
	return err
}

func TestD4_AtItsLargestSizeOnlyNewRequestsAreRefused(t *testing.T) {
	s, err := bolt.Open(place(t), bolt.Options{MaxSize: smallest})
	must(t, err)
	defer s.Close()
	n, err := fillUp(t, s)
	wantFull(t, err)
	used, err := s.Used(t.Context())
	must(t, err)
	if n < 500 || used > smallest {
		t.Errorf("%d requests, %d bytes", n, used)
	}
	for i := range 200 { // what is owed can still be written
		must(t, end(t, s, i, 0))
		wantFull(t, s.Append(t.Context(), created(request(i))))
	}
	for err = nil; err == nil; { // to the very end
		err = end(t, s, 0, 100_000)
	}
	wantFull(t, err)
	if _, err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestD4_WhoKnocksAllDayUsesUpNothingThatIsOwed(t *testing.T) {
	s, err := bolt.Open(place(t), bolt.Options{MaxSize: smallest})
	must(t, err)
	defer s.Close()
	for i := range 200 {
		mustCreate(t, s, request(i))
	}
	knock := created(request(0))
	knock.Details["x"] = strings.Repeat("x", 2000)
	for err = nil; err == nil; {
		err = s.Append(t.Context(), slices.Repeat([]engine.Event{knock}, 100)...)
	}
	wantFull(t, err)
	if used, err := s.Used(t.Context()); err != nil || used < smallest/2 {
		t.Errorf("full with %d bytes, %v", used, err)
	}
	for i := range 200 {
		must(t, end(t, s, i, 1000))
	}
	if used, err := s.Used(t.Context()); err != nil || used > smallest {
		t.Errorf("%d bytes, %v", used, err)
	}
	head, err := s.Verify(t.Context())
	must(t, err)
	must(t, s.Close())
	// A file that is full opens, and may grow again when it is allowed to.
	s, err = bolt.Open(s.Path(), bolt.Options{MaxSize: smallest})
	must(t, err)
	wantFull(t, s.Append(t.Context(), knock))
	must(t, s.Close())
	s, err = bolt.Open(s.Path(), bolt.Options{MaxSize: 4 * smallest})
	must(t, err)
	defer s.Close()
	must(t, s.Append(t.Context(), knock))
	if now, err := s.Verify(t.Context()); err != nil || now.ID != head.ID+1 {
		t.Errorf("%v, %v", now, err)
	}
}

func TestD4_ASizeThatIsNoneIsRefused(t *testing.T) {
	for _, size := range []int64{-1, 1, 4096} {
		if got := refused(t, place(t), bolt.Options{MaxSize: size}); !strings.Contains(got, "too small") {
			t.Error(got)
		}
	}
}
