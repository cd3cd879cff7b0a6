package bolt

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"go.etcd.io/bbolt"
)

var errAbandoned = errors.New("the commit was abandoned")

// op is one change that waits to be committed.
type op struct {
	// plan reads, decides and says what is to be written. It may run more than once.
	plan func(*bbolt.Tx, *writes) error
	err  error
	// thrown is what plan panicked with; it belongs to the caller's goroutine.
	thrown   any
	promoted bool
	turn     chan bool // true: lead the next group; false: done, see err
}

// commits lines writers up so that all who wait share one sync. It has no
// goroutine of its own: the first who comes leads, commits for everybody who is
// queued, and hands the lead to the first who came meanwhile.
type commits struct {
	run func([]*op)

	mu      sync.Mutex
	idle    *sync.Cond // leading has become false
	queue   []*op
	leading bool
	closed  bool
}

func newCommits(run func([]*op)) *commits {
	c := &commits{run: run}
	c.idle = sync.NewCond(&c.mu)
	return c
}

// do commits one change and returns its outcome. When ctx ends before the
// change was taken up, it is not made; afterwards the true outcome is reported.
func (c *commits) do(ctx context.Context, plan func(*bbolt.Tx, *writes) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o := &op{plan: plan, turn: make(chan bool, 1)}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return errClosed
	}
	c.queue = append(c.queue, o)
	if !c.leading {
		c.leading = true
		c.mu.Unlock()
		return c.lead(o)
	}
	c.mu.Unlock()
	return c.follow(ctx, o)
}

func (c *commits) follow(ctx context.Context, o *op) error {
	var lead bool
	select {
	case lead = <-o.turn:
	case <-ctx.Done():
		if c.withdraw(o) {
			return ctx.Err()
		}
		lead = <-o.turn
	}
	if lead {
		return c.lead(o)
	}
	return o.outcome()
}

// lead takes all that is queued, o included, and commits it.
func (c *commits) lead(o *op) error {
	c.mu.Lock()
	group := c.queue
	c.queue = nil
	c.mu.Unlock()
	for _, member := range group {
		member.err = errAbandoned // until it is known better
	}
	func() {
		defer c.release(group, o) // also when a change ends this goroutine
		c.run(group)
	}()
	return o.outcome()
}

// release tells a group that it is done and hands the lead on.
func (c *commits) release(group []*op, leader *op) {
	for _, o := range group {
		if o != leader {
			o.turn <- false
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.promote()
}

// promote gives the lead to the first in the queue. The caller holds mu.
func (c *commits) promote() {
	if len(c.queue) == 0 {
		c.leading = false
		c.idle.Broadcast()
		return
	}
	next := c.queue[0]
	next.promoted = true
	next.turn <- true
}

// withdraw takes o out of the queue; false when it has been taken up already.
func (c *commits) withdraw(o *op) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.queue, o)
	if i < 0 {
		return false
	}
	c.queue = slices.Delete(c.queue, i, i+1)
	if o.promoted {
		c.promote()
	}
	return true
}

// close lets what is queued finish and takes nothing new.
func (c *commits) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for c.leading {
		c.idle.Wait()
	}
}

// outcome returns how it went, in the goroutine of the one who asked.
func (o *op) outcome() error {
	if o.thrown != nil {
		panic(o.thrown)
	}
	return o.err
}

// decide runs the plan; a panic in it harms nobody else in the group.
func (o *op) decide(tx *bbolt.Tx, w *writes) (err error) {
	o.thrown = nil
	defer func() {
		if v := recover(); v != nil {
			o.thrown = fmt.Sprintf("%v\n\n%s", v, debug.Stack())
			err = errAbandoned
		}
	}()
	return o.plan(tx, w)
}
