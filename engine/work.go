package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// settle is how long after a grant call without an answer a removal waits before
// it believes what it reads: the call may still take effect.
const settle = 10 * time.Second

// work does what is due for the access of r, which a claim has handed to this
// worker alone. It is the only place that makes providers give and take.
func (e *Engine) work(ctx context.Context, r Request) error {
	now := e.clock.Now()
	switch {
	case r.State == Pending && !now.Before(r.PendingUntil):
		return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { return r.lapse(e.clock.Now()) })
	case r.State == Approved:
		return e.grant(ctx, r)
	case r.State == Active && !now.Before(r.ExpiresAt):
		return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { return r.expire(e.clock.Now()) })
	case r.State == Active:
		return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { return r.warn(now, e.rhythm), nil })
	case r.State == Expiring, r.State == Revoking:
		return e.remove(ctx, r)
	}
	return e.settleWork(ctx, r, func(*Request) ([]Event, error) { return nil, nil })
}

// warn makes the requester be told that the end is near.
func (r *Request) warn(now time.Time, t rhythm) []Event {
	if at := r.warnAt(t.warnBefore); at.IsZero() || now.Before(at) {
		return nil
	}
	r.Work.Warned = true
	r.Version++
	return nil
}

// settleWork commits the outcome of a piece of work and gives the claim back. A
// request that went on meanwhile is left as it is.
func (e *Engine) settleWork(ctx context.Context, seen Request, change func(*Request) ([]Event, error)) error {
	// What is done is recorded even when the daemon is being stopped.
	ctx = context.WithoutCancel(ctx)
	_, err := e.update(ctx, seen.ID, func(r *Request) ([]Event, error) {
		r.Work.LeaseUntil = time.Time{}
		if r.State != seen.State {
			return nil, nil
		}
		return change(r)
	})
	return err
}

func (e *Engine) grant(ctx context.Context, r Request) error {
	began := e.clock.Now()
	platform, ok := e.platforms[r.Target.Provider]
	switch {
	case !ok:
		return e.giveUp(ctx, r, "The provider "+r.Target.Provider+" is no longer configured.")
	case !began.Before(r.ExpiresAt), began.Sub(r.DecidedAt) > e.limits.GrantBudget:
		return e.giveUp(ctx, r, "The access could not be given in time.")
	}
	a := r.Access()
	err := e.call(ctx, func(ctx context.Context) error { return platform.Provider.Grant(ctx, a) })
	if errors.Is(err, ErrInvalid) || errors.Is(err, ErrForbidden) {
		return e.giveUp(ctx, r, Explain(err))
	}
	uncertain := err != nil
	if err == nil {
		var seen Presence
		seen, err = e.observe(ctx, platform.Provider, a)
		switch {
		case err != nil:
		case seen == Present:
			return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { return r.granted(e.clock.Now()) })
		case seen == Foreign:
			return e.giveUp(ctx, r, "Something that is not jitsudo's stands where the access would be.")
		default:
			err = errors.New("the access was given but is not to be seen yet")
		}
	}
	return e.again(ctx, r, err, func(r *Request) {
		if uncertain {
			r.Work.UncertainAt = began
		}
	})
}

func (e *Engine) giveUp(ctx context.Context, r Request, why string) error {
	return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { return r.fail(why, e.clock.Now()) })
}

// remove takes the access away and believes it only when it has read back that
// it is gone. It never gives up.
func (e *Engine) remove(ctx context.Context, r Request) error {
	platform, ok := e.platforms[r.Target.Provider]
	if !ok {
		return e.again(ctx, r, fmt.Errorf("provider %q is not configured", r.Target.Provider), nil)
	}
	a := r.Access()
	err := e.call(ctx, func(ctx context.Context) error { return platform.Provider.Revoke(ctx, a) })
	if err != nil {
		return e.again(ctx, r, err, nil)
	}
	began := e.clock.Now()
	seen, err := e.observe(ctx, platform.Provider, a)
	if err == nil && seen != Absent && seen != Foreign {
		err = errors.New("the access was taken away but is still to be seen")
	}
	if err != nil {
		return e.again(ctx, r, err, nil)
	}
	if sure := r.Work.UncertainAt.Add(settle); !r.Work.UncertainAt.IsZero() && began.Before(sure) {
		return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { r.Work.NextAt = sure; return nil, nil })
	}
	return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { return r.gone(seen, e.clock.Now()) })
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
func (e *Engine) again(ctx context.Context, r Request, cause error, more func(*Request)) error {
	e.log.Warn("provider", "request", r.ID, "state", r.State, "provider", r.Target.Provider, "tries", r.Work.Tries+1, "error", cause)
	return e.settleWork(ctx, r, func(r *Request) ([]Event, error) {
		now := e.clock.Now()
		r.Work.Tries++
		r.Work.NextAt = now.Add(backoff(r.Work.Tries))
		r.Work.Error = OneLine(cause.Error(), 300)
		if more != nil {
			more(r)
		}
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

// call makes one bounded call to a provider.
func (e *Engine) call(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, e.limits.ProviderTimeout)
	defer cancel()
	err := guard(func() error { return f(ctx) })
	if err == nil && ctx.Err() != nil {
		return ctx.Err() // an answer after its time proves nothing
	}
	return err
}

// guard turns a panic of somebody else's code into an error.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
