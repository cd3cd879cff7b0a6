package engine

import (
	"context"
	"errors"
	"time"
)

// grant gives the access, reads it back, and only then calls it ACTIVE. That a
// call is about to be made is on disk before it is made.
func (e *Engine) grant(ctx context.Context, r Request) error {
	platform, ok := e.platforms[r.Target.Provider]
	now := e.clock.Now()
	switch {
	case !ok:
		return e.giveUp(ctx, r, "The provider "+r.Target.Provider+" is no longer configured.")
	case !now.Before(r.ExpiresAt), now.Sub(r.DecidedAt) > e.limits.GrantBudget:
		return e.giveUp(ctx, r, "The access could not be given in time.")
	}
	holder, err := e.lookup(ctx, r.Requester)
	if err != nil {
		return e.again(ctx, r, err)
	}
	if holder.Disabled {
		return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { return r.bar(e.clock.Now()) })
	}
	begun, err := e.begin(ctx, r)
	if err != nil {
		return e.letGo(ctx, r, err)
	}
	return e.give(ctx, platform.Provider, begun, !now.Before(e.certainAt(r)))
}

// begin writes ahead that a grant call begins now.
func (e *Engine) begin(ctx context.Context, seen Request) (Request, error) {
	return e.update(ctx, seen.ID, func(r *Request) ([]Event, error) {
		if err := r.heldAs(seen); err != nil {
			return nil, err
		}
		r.Work.UncertainAt = e.clock.Now()
		if r.WallDeadline.IsZero() {
			r.WallDeadline = e.clock.onTheWall(r.ExpiresAt)
		}
		return nil, nil
	})
}

// give makes the call. It is alone when no call before it can take effect any
// more; only then does its answer say all that there is to know.
func (e *Engine) give(ctx context.Context, p Provider, r Request, alone bool) error {
	a := r.Access()
	err := e.call(ctx, func(ctx context.Context) error { return p.Grant(ctx, a) })
	if errors.Is(err, ErrInvalid) || errors.Is(err, ErrForbidden) {
		return e.fence(ctx, p, r, e.turnedDown(ctx, r, alone, Explain(err)))
	}
	seen := Unknown
	if err == nil {
		seen, err = e.observe(ctx, p, a)
	}
	switch {
	case err != nil:
		err = e.again(ctx, r, err)
	case seen == Present:
		err = e.settleWork(ctx, r, func(r *Request) ([]Event, error) { r.answered(alone); return r.granted(e.clock.Now()) })
	case seen == Foreign:
		err = e.giveUp(ctx, r, "Something that is not jitsudo's stands where the access would be.")
	default:
		err = e.again(ctx, r, errors.New("the access was given but is not to be seen yet"))
	}
	return e.fence(ctx, p, r, err)
}

// turnedDown gives up because the provider refused for good.
func (e *Engine) turnedDown(ctx context.Context, r Request, alone bool, why string) error {
	return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { r.answered(alone); return r.fail(why, e.clock.Now()) })
}

// answered notes that the outcome of a grant call is known. That says nothing of
// those before it, unless it was alone.
func (r *Request) answered(alone bool) {
	if alone {
		r.Work.UncertainAt = time.Time{}
	}
}

func (e *Engine) giveUp(ctx context.Context, r Request, why string) error {
	return e.settleWork(ctx, r, func(r *Request) ([]Event, error) { return r.fail(why, e.clock.Now()) })
}

// fence looks after a grant call that came back after its claim had run out. If
// the request has ended meanwhile, what the call may have made is nobody's.
func (e *Engine) fence(ctx context.Context, p Provider, r Request, err error) error {
	if !errors.Is(err, errStale) {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	now, err := e.store.Get(ctx, r.ID)
	if err != nil || now.State == Approved || now.State == Active {
		return err // whoever has it now gives the same access
	}
	return e.removeOrphan(ctx, p, now)
}

// removeOrphan takes away access that belongs to no live request.
func (e *Engine) removeOrphan(ctx context.Context, p Provider, r Request) error {
	e.log.Error("access without a live request", "request", r.ID, "state", r.State, "provider", r.Target.Provider)
	_, err := e.takeAway(ctx, p, r)
	ev := r.entry(e.clock.Now(), Event{Actor: System, Action: EvOrphaned, Details: map[string]any{"principal": r.Requester, "removed": err == nil}})
	if err != nil {
		ev.Outcome = Failure
		ev.Details["error"] = OneLine(err.Error(), 300)
	}
	return errors.Join(err, e.store.Append(ctx, ev))
}

// Reconcile compares what the providers have with what the store knows, and
// takes away access whose request has ended. What belongs to no request of this
// store is left alone: it may be another daemon's.
func (e *Engine) Reconcile(ctx context.Context) error {
	var errs error
	for _, name := range e.Providers() {
		lister, ok := e.platforms[name].Provider.(Lister)
		if !ok {
			continue
		}
		var all []Access
		err := e.call(ctx, func(ctx context.Context) (err error) { all, err = lister.List(ctx); return err })
		errs = errors.Join(errs, err)
		for _, a := range all {
			r, err := e.store.Get(ctx, a.ID)
			switch {
			case errors.Is(err, ErrNotFound):
				e.log.Warn("access of an unknown request", "provider", name, "request", a.ID)
			case err != nil:
				errs = errors.Join(errs, err)
			case !r.State.Live() && r.Target.Provider == name:
				errs = errors.Join(errs, e.removeOrphan(ctx, e.platforms[name].Provider, r))
			}
		}
	}
	return errs
}
