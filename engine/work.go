package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// settle is how long after a grant call must have ended a removal waits before
// it believes what it reads, if nobody knows whether the call took effect.
const settle = 10 * time.Second

// errStale: the claim ran out, and the request is somebody else's by now.
var errStale = errors.New("another worker has taken over")

// work does what is due for the access of r, which a claim has handed to this
// worker alone. It is the only place that makes providers give and take.
func (e *Engine) work(ctx context.Context, r Request) error {
	now := e.clock.Now()
	switch {
	case r.State == Pending && !now.Before(r.PendingUntil):
		return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { return r.lapse(e.clock.Now()) })
	case r.State == Approved:
		return e.withSlot(ctx, r, e.grant)
	case r.State == Active && !now.Before(r.ExpiresAt):
		return e.expire(ctx, r)
	case r.State == Active:
		return e.lookAfter(ctx, r)
	case r.State == Expiring, r.State == Revoking:
		return e.withSlot(ctx, r, e.remove)
	}
	return e.settleWork(ctx, r, func(*Request) ([]Event, error) { return nil, nil })
}

// withSlot does something with a provider, or puts it off for a moment when the
// provider keeps too many workers busy already.
func (e *Engine) withSlot(ctx context.Context, r Request, do func(context.Context, Request) error) error {
	s := e.slots[r.Target.Provider]
	if s.take() {
		defer s.free()
		return do(ctx, r)
	}
	return e.settleWork(ctx, r, func(r *Request) ([]Event, error) {
		r.Work.NextAt = e.clock.Now().Add(time.Second + rand.N(time.Second))
		return nil, nil
	})
}

// expire records that the deadline has come and goes on to the removal at once.
func (e *Engine) expire(ctx context.Context, r Request) error {
	expiring, err := e.update(ctx, r.ID, func(now *Request) ([]Event, error) {
		if err := now.heldAs(r); err != nil {
			return nil, err
		}
		return now.expire(e.clock.Now())
	})
	if err != nil {
		return e.letGo(ctx, r, err)
	}
	return e.withSlot(ctx, expiring, e.remove)
}

// lookAfter does what a live access needs before its end: the requester is
// warned, and it is looked up whether they may still have access at all.
func (e *Engine) lookAfter(ctx context.Context, r Request) error {
	barred := false
	due := !e.clock.Now().Before(r.checkAt(e.rhythm.checkPeople))
	if due {
		p, err := e.lookup(ctx, r.Requester)
		barred = err == nil && p.Disabled
	}
	return e.settleWork(ctx, r, func(r *Request) ([]Event, error) {
		now := e.clock.Now()
		if barred {
			return r.bar(now)
		}
		if due {
			r.Work.CheckedAt = now
		}
		r.warn(now, e.rhythm)
		return nil, nil
	})
}

// warn makes the requester be told that the end is near.
func (r *Request) warn(now time.Time, t rhythm) {
	if at := r.warnAt(t.warnBefore); r.Work.Warned || at.IsZero() || now.Before(at) {
		return
	}
	r.Work.Warned = true
	r.Version++
}

// heldAs refuses unless r is still in the hands of the worker that claimed it as
// seen, and in the same state.
func (r *Request) heldAs(seen Request) error {
	switch {
	case !r.Work.LeaseUntil.Equal(seen.Work.LeaseUntil):
		return errStale
	case r.State != seen.State:
		return errRaced
	}
	return nil
}

// settleWork commits the outcome of a piece of work and gives the claim back. A
// request that went on meanwhile is left as it is; one that was claimed by
// another worker meanwhile is not touched: errStale.
func (e *Engine) settleWork(ctx context.Context, seen Request, change func(*Request) ([]Event, error)) error {
	// What is done is recorded even when the daemon is being stopped.
	ctx = context.WithoutCancel(ctx)
	_, err := e.update(ctx, seen.ID, func(r *Request) ([]Event, error) {
		held := r.heldAs(seen)
		if errors.Is(held, errStale) {
			return nil, held
		}
		r.Work.LeaseUntil = time.Time{}
		if held != nil {
			return nil, nil
		}
		return change(r)
	})
	return err
}

// letGo gives a claim back when the request went on meanwhile.
func (e *Engine) letGo(ctx context.Context, r Request, err error) error {
	if errors.Is(err, errRaced) {
		return e.settleWork(ctx, r, func(*Request) ([]Event, error) { return nil, nil })
	}
	return err
}

// remove takes the access away and believes it only when it has read back that
// it is gone. It never gives up.
func (e *Engine) remove(ctx context.Context, r Request) error {
	platform, ok := e.platforms[r.Target.Provider]
	if !ok {
		return e.again(ctx, r, fmt.Errorf("provider %q is not configured", r.Target.Provider))
	}
	began := e.clock.Now()
	seen, err := e.takeAway(ctx, platform.Provider, r)
	if err != nil {
		return e.again(ctx, r, err)
	}
	if sure := e.certainAt(r); began.Before(sure) {
		return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { r.Work.NextAt = sure; return nil, nil })
	}
	return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { return r.gone(seen, e.clock.Now()) })
}

// takeAway revokes and reads back; without an error the access is not there.
func (e *Engine) takeAway(ctx context.Context, p Provider, r Request) (Presence, error) {
	a := r.Access()
	if err := e.call(ctx, func(ctx context.Context) error { return p.Revoke(ctx, a) }); err != nil {
		return Unknown, err
	}
	seen, err := e.observe(ctx, p, a)
	switch {
	case err != nil:
		return Unknown, err
	case seen == Absent, seen == Foreign && r.GrantedAt.IsZero():
		return seen, nil
	case seen == Foreign:
		// It was ours once. Whoever took our mark off may have kept the access.
		return Unknown, errors.New("what stands there is no longer marked as jitsudo's, so it was left alone; remove it by hand")
	}
	return Unknown, errors.New("the access was taken away but is still to be seen")
}

// certainAt is when a grant call whose outcome is not known can no longer take
// effect; zero when there is none.
func (e *Engine) certainAt(r Request) time.Time {
	if r.Work.UncertainAt.IsZero() {
		return time.Time{}
	}
	return r.Work.UncertainAt.Add(e.limits.ProviderTimeout + settle)
}

func (e *Engine) observe(ctx context.Context, p Provider, a Access) (Presence, error) {
	seen := Unknown
	err := e.call(ctx, func(ctx context.Context) (err error) { seen, err = p.Observe(ctx, a); return err })
	if err == nil && seen == Unknown {
		err = errors.New("the provider could not say whether the access is there")
	}
	return seen, err
}

// again notes a failed try and when the next one is due.
func (e *Engine) again(ctx context.Context, r Request, cause error) error {
	e.log.Warn("provider", "request", r.ID, "state", r.State, "provider", r.Target.Provider, "tries", r.Work.Tries+1, "error", cause)
	return e.settleWork(ctx, r, func(r *Request) ([]Event, error) {
		now := e.clock.Now()
		r.Work.Tries++
		r.Work.NextAt = now.Add(backoff(r.ID, r.Work.Tries))
		r.Work.Error = OneLine(cause.Error(), 300)
		return r.complain(now), nil
	})
}

// complain makes a lasting trouble visible: on the card and in the log after the
// third try, and then ever more seldom.
func (r *Request) complain(now time.Time) []Event {
	if t := r.Work.Tries; t != 3 && t != 10 && t%100 != 0 {
		return nil
	}
	action, say := EvExpiring, "does not confirm yet that the access is gone; jitsudo keeps trying."
	switch r.State {
	case Approved:
		action, say = EvGrantFailed, "does not give the access yet; jitsudo keeps trying."
	case Revoking:
		action = EvRevoking
	}
	r.Failure = r.Target.Provider + " " + say
	r.Version++
	return []Event{r.entry(now, Event{Actor: System, Action: action, Outcome: Failure, Details: map[string]any{
		"tries": r.Work.Tries, "error": r.Work.Error,
	}})}
}
