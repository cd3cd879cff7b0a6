package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Verdict is what somebody says about a request.
type Verdict struct {
	RequestID string
	Revision  uint64        // the Request.Revision that was shown; 0: whatever it is now
	On        Message       // the chat message that was clicked; zero when it was no click
	Comment   string        // a remark; for Deny and Revoke the reason
	Duration  time.Duration // Approve: for less than was asked; 0: as asked
	Key       string        // idempotency key; the same key again changes nothing
}

var (
	// errRaced: somebody was faster; look again.
	errRaced = errors.New("the request or the policy changed meanwhile")
	// errUnchanged: this was done before, by the same key.
	errUnchanged = errors.New("done already")
)

// Approve adds the actor's yes. The one that completes the number that policy
// wants decides, and the grant is owed from that very commit on.
func (e *Engine) Approve(ctx context.Context, by Actor, v Verdict) (Request, error) {
	return e.decide(ctx, deciding{by, v, ActApprove, (*Request).approve})
}

// Deny ends the request by the actor's no; v.Comment says why.
func (e *Engine) Deny(ctx context.Context, by Actor, v Verdict) (Request, error) {
	return e.decide(ctx, deciding{by, v, ActDeny, (*Request).deny})
}

// deciding is one attempt to decide: who, what about, and the transition.
type deciding struct {
	by     Actor
	v      Verdict
	action Action
	change func(*Request, Actor, Verdict, Decision, time.Time) ([]Event, error)
}

// decide evaluates policy on the request as it is and commits only if neither
// has changed since: what was judged is what is decided.
func (e *Engine) decide(ctx context.Context, d deciding) (Request, error) {
	d.v.Comment = strings.TrimSpace(d.v.Comment)
	if err := checkKey(d.v.Key); err != nil {
		return Request{}, err
	}
	for range mostRaces {
		seen, err := e.store.Get(ctx, d.v.RequestID)
		if err != nil {
			return Request{}, notThere(err)
		}
		if seen.honoured(d.by, d.action, d.v.Key) {
			return seen, nil
		}
		dec, err := e.judgeDecision(ctx, d, seen)
		if err != nil {
			return seen, e.refuse(ctx, d.by, seen, err)
		}
		r, err := e.commit(ctx, d, seen, dec)
		if errors.Is(err, errRaced) && ctx.Err() == nil {
			continue
		}
		return r, err
	}
	return Request{}, Refuse(ErrUnavailable, "The request or the policy keeps changing, so nothing was decided.").WithHint("Try again in a moment.")
}

// mostRaces bounds how often a decision is judged anew because something changed
// between the judgement and the commit.
const mostRaces = 100

// judgeDecision asks policy, after what is refused anyway: nobody asks policy
// about what is decided already.
func (e *Engine) judgeDecision(ctx context.Context, d deciding, seen Request) (Decision, error) {
	if err := seen.decidable(d.by, d.v, e.clock.Now()); err != nil {
		return Decision{}, err
	}
	requester, err := e.lookup(ctx, seen.Requester)
	if err != nil {
		return Decision{}, err
	}
	if requester.Disabled && d.action != ActDeny {
		return Decision{}, Refuse(ErrForbidden, "The requester's account is disabled.").WithHint("Deny the request, or let it lapse.")
	}
	dec, err := e.ask(ctx, Question{Action: d.action, User: d.by, Requester: requester, Request: seen})
	if err != nil {
		return Decision{}, err
	}
	// Tried on a copy first: what is refused needs no transaction.
	trial := seen.Clone()
	_, err = d.change(&trial, d.by, d.v, dec, e.clock.Now())
	return dec, err
}

func (e *Engine) commit(ctx context.Context, d deciding, seen Request, dec Decision) (Request, error) {
	r, err := e.update(ctx, seen.ID, func(r *Request) ([]Event, error) {
		if r.honoured(d.by, d.action, d.v.Key) {
			return nil, errUnchanged
		}
		if r.Version != seen.Version || e.policy.Revision() != dec.Revision {
			return nil, errRaced
		}
		events, err := d.change(r, d.by, d.v, dec, e.clock.Now())
		if err == nil && d.action == ActApprove {
			err = e.checkApprovedCap(*r, dec)
		}
		if err == nil {
			r.honour(d.by, d.action, d.v.Key)
		}
		return events, err
	})
	switch {
	case errors.Is(err, errUnchanged):
		return e.store.Get(ctx, seen.ID)
	case err != nil && !errors.Is(err, errRaced):
		return seen, e.refuse(ctx, d.by, seen, err)
	}
	return r, err
}

// checkApprovedCap holds an approval to the caps as they are now: they may be
// lower than when the request was made.
func (e *Engine) checkApprovedCap(r Request, dec Decision) error {
	err := e.checkCap(Draft{Target: r.Target, Duration: r.Duration, BreakGlass: r.BreakGlass}, dec)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return Refuse(ErrInvalid, "%s", refusal.Say).On("duration").WithHint("Approve it for less, or deny it.")
	}
	return err
}

// Cancel withdraws a request that waits; only its requester can.
func (e *Engine) Cancel(ctx context.Context, by Actor, v Verdict) (Request, error) {
	return e.end(ctx, by, v, "cancel", func(r *Request) ([]Event, error) { return r.cancel(by, e.clock.Now()) })
}

// Revoke ends an access early: the requester may, admins may, and whom policy
// lets. It returns once the wish is on record; the access is gone when the
// request's state says so.
func (e *Engine) Revoke(ctx context.Context, by Actor, v Verdict) (Request, error) {
	v.Comment = strings.TrimSpace(v.Comment)
	seen, err := e.store.Get(ctx, v.RequestID)
	if err != nil {
		return Request{}, notThere(err)
	}
	if err := e.mayRevoke(ctx, by, seen); err != nil {
		return seen, e.refuse(ctx, by, seen, err)
	}
	return e.end(ctx, by, v, ActRevoke, func(r *Request) ([]Event, error) { return r.revoke(by, v.Comment, e.clock.Now()) })
}

// mayRevoke errs on the side of less access: whoever has it may give it back,
// and admins may take it, whatever policy says.
func (e *Engine) mayRevoke(ctx context.Context, by Actor, r Request) error {
	if by.ID == "" || by.Disabled {
		return Refuse(ErrForbidden, "Your account may not revoke access.")
	}
	if SamePerson(by.ID, r.Requester) || e.IsAdmin(by.Principal) {
		return nil
	}
	requester, err := e.lookup(ctx, r.Requester)
	if err != nil {
		return err
	}
	dec, err := e.ask(ctx, Question{Action: ActRevoke, User: by, Requester: requester, Request: r})
	if err != nil {
		return err
	}
	if !dec.Allowed {
		return refused(dec, "You may not revoke this access.")
	}
	return nil
}

func (e *Engine) end(ctx context.Context, by Actor, v Verdict, action Action, change func(*Request) ([]Event, error)) (Request, error) {
	if err := checkKey(v.Key); err != nil {
		return Request{}, err
	}
	var seen Request
	r, err := e.update(ctx, v.RequestID, func(r *Request) ([]Event, error) {
		seen = r.Clone()
		if r.honoured(by, action, v.Key) {
			return nil, errUnchanged
		}
		if !v.On.IsZero() && !r.Drawing.Has(v.On) {
			return nil, errForged()
		}
		events, err := change(r)
		if err == nil {
			r.honour(by, action, v.Key)
		}
		return events, err
	})
	switch {
	case errors.Is(err, errUnchanged):
		return seen, nil
	case errors.Is(err, ErrNotFound):
		return Request{}, notThere(err)
	case err != nil:
		return seen, e.refuse(ctx, by, seen, err)
	}
	return r, nil
}

// errForged answers a click on a message that is not on record for the request.
func errForged() *Refusal {
	return Refuse(ErrForbidden, "That button is not on a message that jitsudo posted for this request.").WithHint("Use the card in the channel.")
}

// refuse records a refusal for want of a right, and hands it on. What cannot be
// recorded is still refused.
func (e *Engine) refuse(ctx context.Context, by Actor, r Request, err error) error {
	if !errors.Is(err, ErrForbidden) {
		return err
	}
	// Who hangs up is on record all the same; who knocks all day, not each time.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordFor)
	defer cancel()
	if !e.pace.take("refuse "+by.ID, e.clock.Now()) {
		e.log.Warn("refused, too often to record", "request", r.ID, "actor", by.ID)
		return err
	}
	ev := r.entry(e.clock.Now(), Event{Actor: by.ID, Action: EvAuthRefused, Outcome: Failure, Details: map[string]any{
		"reason": OneLine(err.Error(), 500), "via": string(by.Via),
	}})
	if ev.Requester == "" {
		ev.Requester = by.ID
	}
	addAccount(ev, by.Account)
	if err := e.store.Append(ctx, ev); err != nil {
		e.log.Error("record refusal", "request", r.ID, "actor", by.ID, "error", err)
	}
	return err
}

// recordFor bounds how long a refusal waits to be recorded.
const recordFor = 5 * time.Second

// notThere gives the sentence for a request that nobody knows.
func notThere(err error) error {
	if errors.Is(err, ErrNotFound) {
		return Refuse(ErrNotFound, "There is no such request, or you may not see it.").WithHint("Check the ID: it begins with %s.", IDPrefix)
	}
	return err
}

// honoured reports whether this very wish was carried out before.
func (r *Request) honoured(by Actor, action Action, key string) bool {
	return key != "" && slices.Contains(r.Keys, keyOf(by, action, key))
}

// honour remembers a wish by its key; the oldest are forgotten.
func (r *Request) honour(by Actor, action Action, key string) {
	if key == "" {
		return
	}
	const most = 64
	r.Keys = append(r.Keys, keyOf(by, action, key))
	if len(r.Keys) > most {
		r.Keys = slices.Delete(r.Keys, 1, len(r.Keys)-most+1)
	}
}

func keyOf(by Actor, action Action, key string) string {
	return string(action) + " " + by.ID + " " + key
}
