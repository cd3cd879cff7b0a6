package engine

import "time"

// This file is how requests and accesses end, as pure functions.

// cancel ends r by its requester before anybody decided.
func (r *Request) cancel(by Actor, now time.Time) ([]Event, error) {
	if !SamePerson(by.ID, r.Requester) {
		return nil, Refuse(ErrForbidden, "Only the requester can cancel this request.").WithHint("You can deny it, if you may decide on it.")
	}
	if r.State != Pending {
		if r.State == Approved || r.State == Active {
			return nil, Refuse(ErrConflict, "Request %s is %s already.", r.ID, r.State).WithHint("Revoke it instead.")
		}
		return nil, r.tooLate()
	}
	r.DecidedBy = by.ID
	return r.edge(Canceled, now, Event{Actor: by.ID, Action: EvCanceled, Details: map[string]any{"via": string(by.Via)}})
}

// lapse ends r because nobody decided in time.
func (r *Request) lapse(now time.Time) ([]Event, error) {
	return r.edge(Lapsed, now, Event{Actor: System, Action: EvLapsed})
}

// revoke ends an access early.
func (r *Request) revoke(by Actor, reason string, now time.Time) ([]Event, error) {
	switch r.State {
	case Approved, Active:
	case Pending:
		return nil, Refuse(ErrConflict, "Request %s is not approved yet.", r.ID).WithHint("Cancel it, or deny it.")
	default:
		return nil, r.tooLate()
	}
	if err := checkText("reason", "reason", reason, MaxComment); err != nil {
		return nil, err
	}
	r.DecidedBy, r.EndReason, r.EndState = by.ID, reason, Revoked
	e := Event{Actor: by.ID, Action: EvRevoking, Details: map[string]any{"reason": reason, "via": string(by.Via)}}
	addAccount(e, by.Account)
	return r.edge(Revoking, now, e)
}

// granted records that the provider was read back and the access is there.
func (r *Request) granted(now time.Time) ([]Event, error) {
	r.GrantedAt, r.Failure = now, ""
	return r.edge(Active, now, Event{Actor: System, Action: EvIssued, Details: map[string]any{
		"principal": r.Requester, "expires_at": r.ExpiresAt.UTC().Format(time.RFC3339Nano),
	}})
}

// expire ends an access at its deadline.
func (r *Request) expire(now time.Time) ([]Event, error) {
	return r.edge(Expiring, now, Event{Actor: System, Action: EvExpiring})
}

// fail gives up on giving an access; what may be there is taken away.
func (r *Request) fail(why string, now time.Time) ([]Event, error) {
	r.EndReason, r.Failure, r.EndState = why, why, Failed
	return r.edge(Revoking, now, Event{Actor: System, Action: EvRevoking, Outcome: Failure, Details: map[string]any{"reason": why}})
}

// bar ends an access because its holder may no longer have any.
func (r *Request) bar(now time.Time) ([]Event, error) {
	const why = "The account of the requester is disabled."
	if r.State == Approved {
		return r.fail(why, now)
	}
	r.EndReason, r.EndState, r.DecidedBy = why, Revoked, System
	return r.edge(Revoking, now, Event{Actor: System, Action: EvRevoking, Details: map[string]any{"reason": why}})
}

// gone records that the provider was read back and the access is not there.
func (r *Request) gone(seen Presence, now time.Time) ([]Event, error) {
	next, action := Expired, EvExpired
	if r.State == Revoking {
		next, action = Revoked, EvRevoked
		if r.EndState == Failed {
			next, action = Failed, EvGrantFailed
		}
	}
	e := Event{Actor: System, Action: action, Details: map[string]any{"verified": "read back as gone"}}
	if next == Failed {
		e.Outcome = Failure
		e.Details["reason"] = r.Failure
	} else {
		r.Failure = ""
	}
	if seen == Foreign {
		e.Details["verified"] = "what is there is not jitsudo's and was left alone"
	}
	return r.edge(next, now, e)
}

// tooLate says truthfully what became of r and by whom.
func (r *Request) tooLate() *Refusal {
	by := ""
	if r.DecidedBy != "" && r.DecidedBy != System {
		by = " by " + r.DecidedBy
	}
	switch r.State {
	case Rejected:
		return Refuse(ErrConflict, "Too late: the request was already denied%s.", by)
	case Canceled:
		return Refuse(ErrConflict, "Too late: the request was already canceled%s.", by)
	case Lapsed:
		return Refuse(ErrConflict, "Too late: the request has lapsed, because nobody decided in time.").WithHint("Ask for it again.")
	case Approved, Active:
		return Refuse(ErrConflict, "Too late: the request was already approved%s.", by)
	case Expiring, Revoking:
		return Refuse(ErrConflict, "The access is being taken away already.")
	}
	return Refuse(ErrConflict, "Too late: the request has ended already (%s).", r.State)
}
