package engine

import (
	"context"
	"errors"
	"hash/maphash"
	"strings"
	"time"
)

// Submit asks for access. It returns the request that then exists: pending, or
// approved at once when policy says that nobody needs to approve. The same
// requester with the same non-empty key gets the request that was made first.
func (e *Engine) Submit(ctx context.Context, by Actor, d Draft) (Request, error) {
	dec, err := e.judge(ctx, by, &d)
	if err != nil && !errors.Is(err, ErrForbidden) {
		return Request{}, err
	}
	// Whoever asks all day must not keep the platform busy: ends are due there.
	if !e.pace.take("check "+by.ID, e.clock.Now()) {
		return Request{}, Refuse(ErrLimited, "You have asked for too much within a minute.").WithHint("Wait a moment and try again.")
	}
	if err != nil {
		return Request{}, e.sayWhichIsWrong(ctx, d.Target, err)
	}
	if err := e.checkTarget(ctx, d.Target); err != nil {
		return Request{}, err
	}
	// The platform may have taken its time; what was judged then may not hold now.
	for range mostRaces {
		if dec.Revision == e.policy.Revision() {
			break
		}
		if dec, err = e.judge(ctx, by, &d); err != nil {
			return Request{}, err
		}
	}
	return e.create(ctx, by, d, dec)
}

// sayWhichIsWrong helps somebody who was refused because of a slip of the pen: a
// role or scope that is not one is said to be none, rather than not allowed.
func (e *Engine) sayWhichIsWrong(ctx context.Context, t Target, refused error) error {
	if _, ok := e.platforms[t.Provider]; !ok {
		return refused
	}
	if err := e.checkTarget(ctx, t); errors.Is(err, ErrInvalid) {
		return err
	}
	return refused
}

// create writes the request, one at a time for each requester, so that a quota
// cannot be used twice.
func (e *Engine) create(ctx context.Context, by Actor, d Draft, dec Decision) (Request, error) {
	queue := &e.queues[maphash.String(e.seed, by.ID)%uint64(len(e.queues))]
	queue.Lock()
	defer queue.Unlock()
	if err := e.checkQuota(ctx, by, d); err != nil {
		if r, again := e.madeBefore(ctx, by, d.Key); again == nil {
			return r, nil // a quota bounds what is new
		}
		return Request{}, err
	}
	now := e.clock.Now()
	r := draftRequest(by, d, dec)
	r.ID = e.newID()
	r.PendingUntil = now.Add(e.pendingFor(dec))
	events, err := r.create(by, dec, now)
	if err != nil {
		return Request{}, err
	}
	r.schedule(e.rhythm)
	err = e.store.Create(ctx, r, events...)
	var dup *DuplicateError
	if errors.As(err, &dup) {
		return e.store.Get(ctx, dup.ID)
	}
	if err != nil {
		return Request{}, err
	}
	e.watch.changed()
	e.Ring()
	return r, nil
}

// Preview says what would become of a draft, without any effect. The Decision is
// meaningful when the error is nil.
func (e *Engine) Preview(ctx context.Context, by Actor, d Draft) (Decision, error) {
	return e.judge(ctx, by, &d)
}

// judge checks a draft against the engine's own rules and then against policy.
func (e *Engine) judge(ctx context.Context, by Actor, d *Draft) (Decision, error) {
	if err := e.checkDraft(by, d); err != nil {
		return Decision{}, err
	}
	action := ActRequest
	if d.BreakGlass {
		action = ActBreakGlass
	}
	dec, err := e.ask(ctx, Question{Action: action, User: by, Requester: by.Principal, Request: draftRequest(by, *d, Decision{})})
	if err != nil {
		return Decision{}, err
	}
	if !dec.Allowed {
		return dec, e.refuse(ctx, by, Request{Target: d.Target}, refused(dec, "The policy does not let you ask for "+d.Target.Role+" on "+d.Target.Scope+"."))
	}
	return dec, e.checkCap(*d, dec)
}

// ask puts a question to policy; whatever goes wrong refuses.
func (e *Engine) ask(ctx context.Context, q Question) (Decision, error) {
	q.Now = e.clock.Now()
	dec, err := e.policy.Decide(ctx, q)
	if err != nil {
		e.log.Error("policy", "action", q.Action, "request", q.Request.ID, "error", err)
		return Decision{}, Refuse(ErrForbidden, "The policy could not decide, so the answer is no.").WithHint("Tell whoever runs jitsudo; the reason is in its log.")
	}
	dec.Terms.PolicyRevision = dec.Revision
	return dec, nil
}

func draftRequest(by Actor, d Draft, dec Decision) Request {
	r := Request{
		Requester: by.ID, RequesterAccount: by.Account, RequesterVia: by.Via, Target: d.Target, Reason: d.Reason, Duration: d.Duration,
		BreakGlass: d.BreakGlass, Ticket: d.Ticket, Metadata: cloneMap(d.Metadata), Channel: d.Channel, Terms: dec.Terms,
	}
	if r.Terms.Tier != TierAuto && r.Terms.Tier != TierAI {
		r.Terms.Tier = TierHuman
	}
	if r.Terms.Tier != TierAuto {
		r.Terms.Required = max(r.Terms.Required, 1)
	}
	r.honour(by, actCreate, d.Key)
	return r
}

func (e *Engine) checkDraft(by Actor, d *Draft) error {
	if by.ID == "" || by.Disabled {
		return Refuse(ErrForbidden, "Your account may not ask for access.")
	}
	if err := e.checkProvider(d.Target.Provider); err != nil {
		return err
	}
	if err := checkName("role", d.Target.Role); err != nil {
		return err
	}
	if err := checkName("scope", d.Target.Scope); err != nil {
		return err
	}
	if err := e.checkDuration(d.Duration); err != nil {
		return err
	}
	return checkWords(d)
}

func checkWords(d *Draft) error {
	d.Reason, d.Ticket = strings.TrimSpace(d.Reason), strings.TrimSpace(d.Ticket)
	if d.Reason == "" {
		return Refuse(ErrInvalid, "Say why you need it: the reason is missing.").On("reason")
	}
	if err := checkText("reason", "reason", d.Reason, MaxReason); err != nil {
		return err
	}
	if err := checkText("ticket", "ticket", d.Ticket, MaxTicket); err != nil {
		return err
	}
	if len(d.Metadata) > maxMetadata {
		return Refuse(ErrInvalid, "There are %d metadata entries; at most %d are allowed.", len(d.Metadata), maxMetadata).On("metadata")
	}
	for k, v := range d.Metadata {
		if k == "" {
			return Refuse(ErrInvalid, "A metadata entry has no name.").On("metadata")
		}
		if err := errors.Join(checkText("metadata", "metadata name", k, MaxName), checkText("metadata", "metadata "+OneLine(k, 40), v, MaxReason)); err != nil {
			return firstRefusal(err)
		}
	}
	return checkKey(d.Key)
}

func checkKey(key string) error {
	if len(key) > maxKey {
		return Refuse(ErrInvalid, "The idempotency key is longer than %d bytes.", maxKey).On("idempotency_key")
	}
	return nil
}

// firstRefusal picks the one sentence to say out of several.
func firstRefusal(err error) error {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return err
}

func (e *Engine) checkProvider(name string) error {
	if name == "" {
		return Refuse(ErrInvalid, "Say which provider: the provider is missing.").On("provider").WithHint("There is: %s.", strings.Join(e.Providers(), ", "))
	}
	if _, ok := e.platforms[name]; !ok {
		r := Refuse(ErrInvalid, "There is no provider %q here.", OneLine(name, 60)).On("provider")
		if near := Nearest(name, e.Providers()); near != "" {
			return r.WithHint("Did you mean %s?", near)
		}
		return r.WithHint("There is: %s.", strings.Join(e.Providers(), ", "))
	}
	return nil
}

func (e *Engine) checkDuration(d time.Duration) error {
	switch {
	case d <= 0:
		return Refuse(ErrInvalid, "The duration must be longer than nothing.").On("duration").WithHint("Write for example 30m.")
	case d < e.limits.MinDuration:
		return Refuse(ErrInvalid, "The shortest access is %s.", FormatDuration(e.limits.MinDuration)).On("duration")
	case d%time.Second != 0:
		return Refuse(ErrInvalid, "The duration is not a whole number of seconds.").On("duration")
	}
	return nil
}

// checkCap holds a draft to the smallest of all caps. Asking for more is
// refused rather than cut: nobody should find out at 3 a.m. that they have less.
func (e *Engine) checkCap(d Draft, dec Decision) error {
	most := e.limits.MaxDuration
	caps := []time.Duration{e.platforms[d.Target.Provider].MaxDuration, dec.MaxDuration}
	if d.BreakGlass {
		caps = append(caps, e.limits.BreakGlassMax)
	}
	for _, c := range caps {
		if c > 0 {
			most = min(most, c)
		}
	}
	if d.Duration > most {
		kind := ""
		if d.BreakGlass {
			kind = "break-glass "
		}
		return Refuse(ErrInvalid, "%s is too long: the longest %saccess to %s is %s.", FormatDuration(d.Duration), kind, d.Target.Role, FormatDuration(most)).On("duration").
			WithHint("Ask for %s or less.", FormatDuration(most))
	}
	return nil
}

func (e *Engine) pendingFor(dec Decision) time.Duration {
	if dec.PendingFor > 0 {
		return min(dec.PendingFor, e.limits.PendingFor)
	}
	return e.limits.PendingFor
}

// checkTarget asks the platform whether the target makes sense.
func (e *Engine) checkTarget(ctx context.Context, t Target) error {
	ctx, cancel := context.WithTimeout(ctx, e.limits.ProviderTimeout)
	defer cancel()
	err := guard(func() error { return e.platforms[t.Provider].Provider.Check(ctx, t) })
	var r *Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &r):
		return r
	case errors.Is(err, ErrInvalid):
		return Refuse(ErrInvalid, "%s has no role %q on %q.", t.Provider, t.Role, t.Scope).On("role")
	}
	e.log.Error("check target", "provider", t.Provider, "error", err)
	return Refuse(ErrUnavailable, "%s does not answer just now, so the request could not be checked.", t.Provider).WithHint("Try again in a moment; nothing was sent.")
}
