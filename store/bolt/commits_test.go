package bolt

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"go.etcd.io/bbolt"
)

// disk stands in for the file: each group takes until the test lets it go on.
type disk struct {
	groups []int // sizes
	gate   chan error
}

func (d *disk) run(group []*op) {
	d.groups = append(d.groups, len(group))
	err := <-d.gate
	for _, o := range group {
		o.err = err
		if err == nil {
			o.err = o.decide(nil, nil)
		}
	}
}

func TestCommits_AllWhoWaitShareOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{gate: make(chan error)}
		c := newCommits(d.run)
		var done sync.WaitGroup
		order := []int{}
		write := func(i int) {
			done.Go(func() {
				err := c.do(t.Context(), func(*bbolt.Tx, *writes) error { order = append(order, i); return nil })
				if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		write(0)
		for i := 1; i <= 5; i++ {
			write(i)
		}
		d.gate <- nil // 0, alone: it did not wait for company
		synctest.Wait()
		write(6)
		d.gate <- nil // 1 to 5
		d.gate <- nil // 6
		done.Wait()
		if !slices.Equal(d.groups, []int{1, 5, 1}) || !slices.Equal(order, []int{0, 1, 2, 3, 4, 5, 6}) {
			t.Errorf("groups %v, order %v", d.groups, order)
		}
		if c.leading {
			t.Error("somebody leads still")
		}
	})
}

func TestCommits_WhoLeavesBeforeTheirTurnIsNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{gate: make(chan error)}
		c := newCommits(d.run)
		ran := [4]bool{}
		outcome := map[int]chan error{}
		cancel := map[int]context.CancelFunc{}
		for i := range 4 {
			ctx, stop := context.WithCancel(t.Context())
			cancel[i], outcome[i] = stop, make(chan error, 1)
			go func() {
				outcome[i] <- c.do(ctx, func(*bbolt.Tx, *writes) error { ran[i] = true; return nil })
			}()
			synctest.Wait()
		}
		cancel[0]() // on its way: it is told the truth
		cancel[1]() // would have led the next group
		synctest.Wait()
		d.gate <- nil
		synctest.Wait()
		cancel[3]() // taken up already
		synctest.Wait()
		d.gate <- nil
		errs := [4]error{}
		for i := range errs {
			errs[i] = <-outcome[i]
		}
		for i, want := range []error{nil, context.Canceled, nil, nil} {
			if !errors.Is(errs[i], want) || ran[i] != (want == nil) {
				t.Errorf("%d: %v, ran %v", i, errs[i], ran[i])
			}
		}
		if !slices.Equal(d.groups, []int{1, 2}) {
			t.Errorf("groups %v", d.groups)
		}
	})
}

func TestCommits_TheLeadGoesOnWhenItsHeirLeaves(t *testing.T) {
	c := newCommits(func(group []*op) {
		for _, o := range group {
			o.err = nil
		}
	})
	// The lead was handed to a, who has not taken it up when its time is over.
	a := &op{turn: make(chan bool, 1)}
	b := &op{turn: make(chan bool, 1)}
	c.leading, c.queue = true, []*op{a, b}
	c.mu.Lock()
	c.promote()
	c.mu.Unlock()
	if !c.withdraw(a) || !<-b.turn {
		t.Fatal("b does not lead")
	}
	if err := c.lead(b); err != nil || c.leading {
		t.Fatalf("%v, leading %v", err, c.leading)
	}
	if c.withdraw(a) {
		t.Error("withdrawn twice")
	}
}

func TestCommits_AChangeThatEndsItsLeaderHarmsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{gate: make(chan error)}
		c := newCommits(d.run)
		outcome := make(chan error, 3)
		ended := make(chan bool)
		nothing := func(*bbolt.Tx, *writes) error { return nil }
		go func() { outcome <- c.do(t.Context(), nothing) }()
		synctest.Wait()
		go func() { // leads the second group, with the one behind it
			defer close(ended)
			_ = c.do(t.Context(), func(*bbolt.Tx, *writes) error { runtime.Goexit(); return nil })
		}()
		synctest.Wait()
		go func() { outcome <- c.do(t.Context(), nothing) }()
		synctest.Wait()
		d.gate <- nil
		d.gate <- nil
		<-ended
		if first, second := <-outcome, <-outcome; first != nil || !errors.Is(second, errAbandoned) {
			t.Errorf("%v, %v", first, second)
		}
		go func() { d.gate <- nil }()
		if err := c.do(t.Context(), nothing); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestCommits_CloseWaitsForWhatIsQueuedAndTakesNothingNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{gate: make(chan error)}
		c := newCommits(d.run)
		outcome := make(chan error, 2)
		nothing := func(*bbolt.Tx, *writes) error { return nil }
		for range 2 {
			go func() { outcome <- c.do(t.Context(), nothing) }()
			synctest.Wait()
		}
		closed := make(chan bool)
		go func() { c.close(); close(closed) }()
		synctest.Wait()
		if err := c.do(t.Context(), nothing); !errors.Is(err, errClosed) {
			t.Errorf("%v, want closed", err)
		}
		select {
		case <-closed:
			t.Error("closed over those who wait")
		default:
		}
		d.gate <- nil
		d.gate <- nil
		<-closed
		if a, b := <-outcome, <-outcome; a != nil || b != nil {
			t.Errorf("%v, %v", a, b)
		}
	})
}
