package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// leaseFactor times the bound of a call is how long a worker may have a request before others take it to
	// have died; longer than all calls of one step together.
	leaseFactor = 3
	// lookAgain bounds how long an idle worker sleeps, so that nothing that rings
	// too seldom can delay an end.
	lookAgain = 5 * time.Second
)

// Ring wakes the workers: something may be due.
func (e *Engine) Ring() {
	for _, bell := range e.bells {
		ring(bell)
	}
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// Recover is called once, before anything is served: what a crashed process had
// in hand is released, and all that is overdue is taken away first. It works for
// at most the given time; what is left then is the workers'.
func (e *Engine) Recover(ctx context.Context, atMost time.Duration) error {
	if e.sole {
		for _, s := range []State{Pending, Approved, Active, Expiring, Revoking} {
			if err := e.release(ctx, s); err != nil {
				return fmt.Errorf("release what was in hand: %w", err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	for ctx.Err() == nil {
		worked, _, err := e.step(ctx, AccessQueue)
		switch {
		case ctx.Err() != nil:
		case err != nil && worked: // one that fails must not keep the others from ending
			e.log.Error("recover", "error", err)
		case err != nil:
			return err
		case !worked:
			return nil
		}
	}
	return nil
}

func (e *Engine) release(ctx context.Context, s State) error {
	for token := ""; ; {
		page, err := e.store.List(ctx, Filter{State: s, PageSize: MaxPage, PageToken: token})
		if err != nil {
			return err
		}
		for _, r := range page.Requests {
			if err := e.releaseOne(ctx, r); err != nil {
				return err
			}
		}
		if token = page.Next; token == "" {
			return nil
		}
	}
}

func (e *Engine) releaseOne(ctx context.Context, r Request) error {
	if r.Work.LeaseUntil.IsZero() && r.Drawing.LeaseUntil.IsZero() {
		return nil
	}
	_, err := e.update(ctx, r.ID, func(r *Request) ([]Event, error) {
		r.Work.LeaseUntil, r.Drawing.LeaseUntil = time.Time{}, time.Time{}
		return nil, nil
	})
	return err
}

// Sweep works off everything that is due in both queues, then returns what went
// wrong on the way.
func (e *Engine) Sweep(ctx context.Context) error {
	var errs error
	for {
		any := false
		for _, q := range []Queue{AccessQueue, CardQueue} {
			worked, _, err := e.step(ctx, q)
			if err != nil && !worked {
				return errors.Join(errs, err)
			}
			errs = errors.Join(errs, err)
			any = any || worked
		}
		if !any {
			return errs
		}
	}
}

// Run is one worker of a queue. It returns nil when ctx ends; several may run.
func (e *Engine) Run(ctx context.Context, q Queue) error {
	bell := e.bells[q]
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		worked, next, err := e.step(ctx, q)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			e.log.Error("worker", "queue", q, "error", err)
		}
		if worked {
			continue
		}
		timer.Reset(e.nap(next))
		select {
		case <-ctx.Done():
			return nil
		case <-bell:
		case <-timer.C:
		}
	}
}

// nap is how long to sleep when the next thing is due at next.
func (e *Engine) nap(next time.Time) time.Duration {
	if next.IsZero() {
		return lookAgain
	}
	return min(max(next.Sub(e.clock.Now()), 0)+time.Millisecond, lookAgain)
}

// step claims and does one thing that is due.
func (e *Engine) step(ctx context.Context, q Queue) (worked bool, next time.Time, err error) {
	if q == CardQueue && e.notifier == nil {
		return false, time.Time{}, nil
	}
	now := e.clock.moment()
	if q == AccessQueue {
		e.lastStep.Store(now.Now.Unix())
		if _, err := e.store.Advance(ctx, now); err != nil {
			return false, time.Time{}, fmt.Errorf("persist the time: %w", err)
		}
	}
	r, next, err := e.store.Claim(ctx, q, now.Now, e.lease(q))
	if errors.Is(err, ErrNotFound) {
		return false, next, nil
	}
	if err != nil {
		return false, time.Time{}, fmt.Errorf("claim: %w", err)
	}
	ring(e.bells[q]) // there may be more for somebody else
	if q == AccessQueue {
		return true, time.Time{}, e.work(ctx, r)
	}
	return true, time.Time{}, e.draw(ctx, r)
}

// Alive says when no access worker has come round for longer than any step takes.
func (e *Engine) Alive() error {
	last := time.Unix(e.lastStep.Load(), 0)
	if idle := e.clock.Now().Sub(last); idle > 2*e.lease(AccessQueue) {
		return fmt.Errorf("no worker has looked for what is due for %s", FormatDuration(idle))
	}
	return nil
}

func (e *Engine) lease(q Queue) time.Duration {
	if q == CardQueue {
		return leaseFactor * e.limits.ChatTimeout
	}
	return leaseFactor * e.limits.ProviderTimeout
}
