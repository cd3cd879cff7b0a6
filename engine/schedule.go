package engine

import (
	"hash/fnv"
	"strconv"
	"time"
)

// rhythm is when the engine looks at requests again.
type rhythm struct {
	warnBefore  time.Duration // warn the requester so long before the end; 0 never
	checkPeople time.Duration // look the holder of a live access up so often; 0 never
	draws       bool          // there is a chat to draw in
}

// schedule computes when r is to be looked at again. It is the one place where
// time drives a request: lapse, retry, warning, deadline and redraw.
func (r *Request) schedule(t rhythm) {
	r.WakeAt = later(r.wake(t), r.Work.LeaseUntil)
	r.DrawAt = time.Time{}
	if t.draws && r.Drawing.Version < r.Version {
		r.DrawAt = later(later(r.UpdatedAt, r.Drawing.NextAt), r.Drawing.LeaseUntil)
	}
}

func (r *Request) wake(t rhythm) time.Time {
	switch {
	case r.State == Pending:
		return r.PendingUntil
	case r.State.Owed():
		return later(r.UpdatedAt, r.Work.NextAt)
	case r.State == Active:
		at := r.ExpiresAt
		if warn := r.warnAt(t.warnBefore); !r.Work.Warned && !warn.IsZero() {
			at = warn
		}
		return earlier(at, r.checkAt(t.checkPeople))
	}
	return time.Time{}
}

// checkAt is when the holder of a live access is looked up again.
func (r *Request) checkAt(every time.Duration) time.Time {
	last := r.Work.CheckedAt
	if last.IsZero() {
		last = r.GrantedAt
	}
	if every <= 0 {
		return time.Time{}
	}
	return last.Add(every)
}

// earlier returns the earlier of a and b, where zero means never.
func earlier(a, b time.Time) time.Time {
	if b.IsZero() || !a.IsZero() && a.Before(b) {
		return a
	}
	return b
}

// warnAt is when the requester is warned of the end; zero when the access is so
// short that a warning would say nothing new.
func (r *Request) warnAt(before time.Duration) time.Time {
	at := r.ExpiresAt.Add(-before)
	if before <= 0 || !at.After(r.GrantedAt.Add(before/2)) {
		return time.Time{}
	}
	return at
}

// later returns the later of a and b, but zero when a is: never stays never.
func later(a, b time.Time) time.Time {
	if !a.IsZero() && b.After(a) {
		return b
	}
	return a
}

// Retries wait between backoffMin and backoffMax, doubling, each varied by half
// up or down, so that what is owed to a cloud that comes back is called for
// within a minute, and not by all at the same instant.
const (
	backoffMin = time.Second
	backoffMax = 30 * time.Second
)

// backoff returns how long a request waits after so many failed tries (from 1
// on). It varies by the request's ID, and so does not depend on chance.
func backoff(id string, tries int) time.Duration {
	d := backoffMax
	if tries < 6 {
		d = min(backoffMin<<max(tries-1, 0), backoffMax)
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(id + strconv.Itoa(tries))) // never fails (hash.Hash)
	return d/2 + time.Duration(h.Sum64()%uint64(d))
}
