package engine

import (
	"slices"
	"time"
)

// This file is the whole life of a request as pure functions: each takes a
// request to its next state, or refuses, and returns the audit entries that must
// be committed with it. None of them looks at a clock or calls anything.

// move is the only place that writes a state. Entering a state makes the
// provider's work start afresh.
func (r *Request) move(next State, now time.Time) error {
	if !r.State.CanFollow(next) {
		return Refuse(ErrConflict, "Request %s is %s and cannot become %s.", r.ID, r.State, next)
	}
	r.State = next
	r.Version++
	r.UpdatedAt = now
	r.Work = Work{UncertainAt: r.Work.UncertainAt, LeaseUntil: r.Work.LeaseUntil}
	if next.Final() {
		r.EndedAt = now
	}
	return nil
}

// edge moves r and returns the one entry that records the move.
func (r *Request) edge(next State, now time.Time, e Event) ([]Event, error) {
	from := r.State
	if err := r.move(next, now); err != nil {
		return nil, err
	}
	e = r.entry(now, e)
	e.Details["from"], e.Details["to"] = string(from), string(next)
	return []Event{e}, nil
}

// entry fills in what every entry about r says.
func (r *Request) entry(now time.Time, e Event) Event {
	e.At, e.RequestID, e.Requester = now, r.ID, r.Requester
	e.Provider, e.Scope = r.Target.Provider, r.Target.Scope
	if e.Outcome == "" {
		e.Outcome = Success
	}
	if e.Details == nil {
		e.Details = map[string]any{}
	}
	e.Details["role"] = r.Target.Role
	if r.BreakGlass {
		e.Details["break_glass"] = true
	}
	return e
}

// create makes r begin: pending, or approved at once when nobody needs to approve.
func (r *Request) create(by Actor, d Decision, now time.Time) ([]Event, error) {
	r.Revision, r.CreatedAt = 1, now
	details := map[string]any{
		"reason": r.Reason, "duration_seconds": int64(r.Duration / time.Second), "approver_tier": string(r.Terms.Tier),
		"required_approvals": r.Terms.Required, "policy_revision": d.Revision, "policy_input": d.InputHash, "via": string(by.Via),
	}
	if r.Ticket != "" {
		details["ticket"] = r.Ticket
	}
	events, err := r.edge(Pending, now, Event{Actor: by.ID, Action: EvCreated, Details: details})
	if err != nil {
		return nil, err
	}
	var decided Event
	switch {
	case r.BreakGlass:
		decided = Event{Actor: by.ID, Action: EvBreakGlass, Details: map[string]any{"reason": r.Reason}}
		r.DecidedBy = by.ID
	case r.Terms.Tier == TierAuto:
		decided = Event{Actor: System, Action: EvAutoApproved, Details: map[string]any{"policy_revision": d.Revision}}
		r.DecidedBy = System
	default:
		return events, nil
	}
	more, err := r.intend(now, decided)
	return append(events, more...), err
}

// intend records the decision and, in the same breath, what is owed: the
// deadline is fixed here and never moves later.
func (r *Request) intend(now time.Time, decided Event) ([]Event, error) {
	events, err := r.edge(Approved, now, decided)
	if err != nil {
		return nil, err
	}
	r.DecidedAt, r.ExpiresAt = now, now.Add(r.Duration)
	intent := Event{Actor: System, Action: EvIntended, Details: map[string]any{
		"deadline": r.ExpiresAt.UTC().Format(time.RFC3339Nano), "principal": r.Requester,
	}}
	return append(events, r.entry(now, intent)), nil
}

// decidable refuses what no policy may allow: a decision that is too late, on
// something other than what was shown, or on one's own request.
func (r *Request) decidable(by Actor, v Verdict, now time.Time) error {
	switch {
	case r.State != Pending:
		return r.tooLate()
	case !r.PendingUntil.IsZero() && !now.Before(r.PendingUntil):
		return Refuse(ErrConflict, "Request %s waited too long and has lapsed.", r.ID).WithHint("Ask for it again.")
	case v.Revision != 0 && v.Revision != r.Revision:
		return Refuse(ErrConflict, "The request has changed since you saw it.").WithHint("Look at it again and decide on what it says now.")
	case !v.On.IsZero() && !v.On.Same(r.Drawing.Card) && !v.On.Same(r.Drawing.Call):
		return errForged()
	case by.ID == "" || by.Disabled:
		return Refuse(ErrForbidden, "Your account may not decide on requests.")
	}
	return nil
}

// approve adds one person's yes; the one that completes the number decides.
func (r *Request) approve(by Actor, v Verdict, d Decision, now time.Time) ([]Event, error) {
	if err := r.approvable(by, v, d, now); err != nil {
		return nil, err
	}
	if v.Duration > 0 && v.Duration < r.Duration {
		r.Duration = v.Duration
		r.Revision++
	}
	r.Terms.Required = max(r.Terms.Required, d.Terms.Required, 1)
	r.Approvals = append(r.Approvals, Approval{
		Approver: by.ID, Groups: slices.Clone(by.Groups), Comment: v.Comment, At: now, Via: by.Via, Account: by.Account,
	})
	e := Event{Actor: by.ID, Action: EvApproved, Details: map[string]any{
		"approvals": len(r.Approvals), "required_approvals": r.Terms.Required, "duration_seconds": int64(r.Duration / time.Second),
		"via": string(by.Via), "policy_revision": d.Revision, "policy_input": d.InputHash,
	}}
	if v.Comment != "" {
		e.Details["comment"] = v.Comment
	}
	addAccount(e, by.Account)
	if len(r.Approvals) < r.Terms.Required {
		r.Version++
		r.UpdatedAt = now
		return []Event{r.entry(now, e)}, nil
	}
	r.DecidedBy = by.ID
	return r.intend(now, e)
}

func addAccount(e Event, a Account) {
	if a != (Account{}) {
		e.Details["account"] = map[string]any{"system": a.System, "realm": a.Realm, "subject": a.Subject}
	}
}

func (r *Request) approvable(by Actor, v Verdict, d Decision, now time.Time) error {
	if err := r.decidable(by, v, now); err != nil {
		return err
	}
	if SamePerson(by.ID, r.Requester) {
		return Refuse(ErrForbidden, "You cannot approve your own request.").WithHint("Somebody else has to.")
	}
	for _, a := range r.Approvals {
		if SamePerson(a.Approver, by.ID) {
			return Refuse(ErrConflict, "You have approved this request already.").WithHint("It needs somebody else as well.")
		}
	}
	switch {
	case !d.Allowed:
		return refused(d, "You may not approve this request.")
	case by.Via == ViaMCP && r.Terms.Tier != TierAI:
		return Refuse(ErrForbidden, "This request needs a person to approve it.")
	case r.Terms.Assurance == AssuranceStepUp || d.Terms.Assurance == AssuranceStepUp:
		return Refuse(ErrForbidden, "The policy wants more than a click for this approval, and this jitsudo has no way to ask for it.").WithHint("Ask whoever runs it to set up step-up, or to change the policy.")
	case v.Duration < 0 || v.Duration > r.Duration:
		return Refuse(ErrInvalid, "You can approve for at most the %s that were asked for.", FormatDuration(r.Duration)).On("duration")
	}
	return checkText("comment", "comment", v.Comment, MaxComment)
}

// refused turns policy's no into a sentence.
func refused(d Decision, otherwise string) *Refusal {
	if len(d.Reasons) == 0 {
		return Refuse(ErrForbidden, "%s", otherwise)
	}
	say := Clean(d.Reasons[0])
	for _, more := range d.Reasons[1:] {
		say += " " + Clean(more)
	}
	return Refuse(ErrForbidden, "%s", say)
}

// deny ends r by an approver's no.
func (r *Request) deny(by Actor, v Verdict, d Decision, now time.Time) ([]Event, error) {
	if err := r.decidable(by, v, now); err != nil {
		return nil, err
	}
	if SamePerson(by.ID, r.Requester) {
		return nil, Refuse(ErrForbidden, "This is your own request.").WithHint("Cancel it instead.")
	}
	if !d.Allowed {
		return nil, refused(d, "You may not deny this request.")
	}
	if v.Comment == "" {
		return nil, Refuse(ErrInvalid, "Say why you deny it: the requester will read it.").On("reason")
	}
	if err := checkText("reason", "reason", v.Comment, MaxComment); err != nil {
		return nil, err
	}
	r.DecidedBy, r.EndReason, r.DecidedAt = by.ID, v.Comment, now
	e := Event{Actor: by.ID, Action: EvDenied, Details: map[string]any{
		"reason": v.Comment, "via": string(by.Via), "policy_revision": d.Revision, "policy_input": d.InputHash,
	}}
	addAccount(e, by.Account)
	return r.edge(Rejected, now, e)
}
