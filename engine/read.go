package engine

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Get returns a request that the actor may see: their own, one that policy named
// them an approver of, or any for admins and auditors.
func (e *Engine) Get(ctx context.Context, by Actor, id string) (Request, error) {
	r, err := e.store.Get(ctx, id)
	if err != nil {
		return Request{}, notThere(err)
	}
	if !e.sees(by, r) {
		return Request{}, notThere(ErrNotFound)
	}
	return r, nil
}

func (e *Engine) sees(by Actor, r Request) bool {
	if by.ID == "" || by.Disabled {
		return false
	}
	if e.SeesAll(by.Principal) {
		return true
	}
	terms := by.ViewerTerms()
	return slices.ContainsFunc(r.Viewers(), func(t string) bool { return slices.Contains(terms, t) })
}

// List returns a page of the requests that fit the filter and that the actor may
// see, newest first.
func (e *Engine) List(ctx context.Context, by Actor, f Filter) (Page, error) {
	if by.ID == "" || by.Disabled {
		return Page{}, Refuse(ErrForbidden, "Your account may not see requests.")
	}
	if f.State != "" && !f.State.Valid() {
		return Page{}, Refuse(ErrInvalid, "There is no state %q.", OneLine(string(f.State), 30)).On("state")
	}
	f.Viewers = nil
	if !e.SeesAll(by.Principal) {
		f.Viewers = by.ViewerTerms()
	}
	return e.store.List(ctx, f)
}

// Events returns a page of the audit log: everything for admins and auditors,
// for others what concerns their own requests.
func (e *Engine) Events(ctx context.Context, by Actor, f EventFilter) (EventPage, error) {
	if by.ID == "" || by.Disabled {
		return EventPage{}, Refuse(ErrForbidden, "Your account may not read the audit log.")
	}
	if !e.SeesAll(by.Principal) {
		f.Requester = by.ID
	}
	return e.store.Events(ctx, f)
}

// WaitUntil says what Wait waits for.
type WaitUntil int

// What can be waited for.
const (
	WaitDecision WaitUntil = iota // no longer PENDING or APPROVED: ACTIVE, or over
	WaitFinal                     // a final state
)

// Reached reports whether s is what was waited for.
func (w WaitUntil) Reached(s State) bool {
	if w == WaitFinal {
		return s.Final()
	}
	return s != Pending && s != Approved
}

// Wait returns the request once it has got there, or as it is when ctx ends.
func (e *Engine) Wait(ctx context.Context, by Actor, id string, until WaitUntil) (Request, error) {
	for {
		changed := e.watch.wait() // taken before reading, so that no change is missed
		r, err := e.Get(context.WithoutCancel(ctx), by, id)
		if err != nil || until.Reached(r.State) {
			return r, err
		}
		select {
		case <-ctx.Done():
			return r, nil
		case <-changed:
		}
	}
}

// Credentials mints short credentials for the requester's own live access; none
// outlives it, none is stored. The issue is on record before the values are handed out.
func (e *Engine) Credentials(ctx context.Context, by Actor, id string) (Credentials, error) {
	r, err := e.Get(ctx, by, id)
	if err != nil {
		return Credentials{}, err
	}
	if err := e.mintable(by, r); err != nil {
		return Credentials{}, e.refuse(ctx, by, r, err)
	}
	if !e.pace.take("mint "+id, e.clock.Now()) {
		return Credentials{}, Refuse(ErrLimited, "Credentials for this request were fetched too often within a minute.").WithHint("Keep them until they end, and wait a moment.")
	}
	issued := e.clock.Now()
	creds := Credentials{IssuedAt: issued, ExpiresAt: r.ExpiresAt}
	if m, ok := e.platforms[r.Target.Provider].Provider.(Minter); ok {
		ctx, cancel := context.WithTimeout(ctx, e.limits.ProviderTimeout)
		defer cancel()
		if err := guard(func() error { creds, err = m.Mint(ctx, r.Access()); return err }); err != nil {
			e.log.Error("mint", "request", id, "error", err)
			return Credentials{}, Refuse(ErrUnavailable, "%s does not give credentials just now.", r.Target.Provider).WithHint("Try again in a moment.")
		}
	}
	switch end := r.Access().Deadline; {
	case creds.ExpiresAt.IsZero():
		creds.ExpiresAt = end
	case creds.ExpiresAt.After(end.Add(time.Second)): // a platform may count in whole seconds
		e.log.Error("minted beyond the deadline, and thrown away", "request", id, "until", creds.ExpiresAt, "deadline", end)
		return Credentials{}, Refuse(ErrUnavailable, "%s gave credentials that would outlive the access, and they were thrown away.", r.Target.Provider).WithHint("Tell whoever runs jitsudo.")
	}
	names := make([]any, len(creds.Values))
	for i, s := range creds.Values {
		names[i] = s.Name
	}
	_, err = e.update(ctx, id, func(r *Request) ([]Event, error) {
		if err := e.mintable(by, *r); err != nil {
			return nil, err
		}
		return []Event{r.entry(e.clock.Now(), Event{Actor: by.ID, Action: EvCredentials, Details: map[string]any{"names": names, "via": string(by.Via)}})}, nil
	})
	if err != nil {
		return Credentials{}, err
	}
	return creds, nil
}

func (e *Engine) mintable(by Actor, r Request) error {
	switch {
	case by.Disabled || !SamePerson(by.ID, r.Requester):
		return Refuse(ErrForbidden, "Only the requester can use this access.")
	case r.State == Pending || r.State == Approved:
		return Refuse(ErrConflict, "Request %s is %s: the access is not there yet.", r.ID, r.State).WithHint("Wait until it is ACTIVE.")
	case r.State != Active || !e.clock.Now().Before(r.ExpiresAt):
		return Refuse(ErrConflict, "The access of request %s has ended.", r.ID).WithHint("Ask for it again.")
	}
	return nil
}

// Suggest helps the actor fill in a field. It never fails a form: a platform
// that does not answer has no suggestions.
func (e *Engine) Suggest(ctx context.Context, by Actor, provider string, s Suggestion) ([]Choice, error) {
	if by.ID == "" || by.Disabled {
		return nil, Refuse(ErrForbidden, "Your account may not ask for access.")
	}
	if err := e.checkProvider(provider); err != nil {
		return nil, err
	}
	p, ok := e.platforms[provider].Provider.(Suggester)
	if !ok {
		return nil, nil
	}
	s.Target.Provider = provider
	ctx, cancel := context.WithTimeout(ctx, e.limits.ProviderTimeout)
	defer cancel()
	var choices []Choice
	err := guard(func() (err error) { choices, err = p.Suggest(ctx, s); return err })
	if err != nil && !errors.Is(err, ErrInvalid) {
		e.log.Warn("suggest", "provider", provider, "field", s.Field, "error", err)
		return nil, nil
	}
	return choices, err
}
