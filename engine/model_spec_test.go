package engine_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// This file is the life of requests written down a second time, as simply as it
// can be said: no store, no retries, one thing after another. What a person's
// wish leads to must be what stands here.

const (
	longestInSandbox = 4 * time.Hour
	longestUrgent    = time.Hour // break-glass
	mostPending      = 2
	pendingFor       = 24 * time.Hour
)

// colleagues are the people of a trace. Who has a "+" is who has none.
var colleagues = map[string]engine.Principal{
	"alice@example.com":     {ID: "alice@example.com", Groups: []string{"sre"}},
	"bob@example.com":       {ID: "bob@example.com", Groups: []string{"leads"}},
	"bob+phone@example.com": {ID: "bob+phone@example.com", Groups: []string{"leads", "sre"}},
	"carol@example.com":     {ID: "carol@example.com", Groups: []string{"leads", "sre"}},
	"dave@example.com":      {ID: "dave@example.com", Groups: []string{"leads"}},
	"eve@example.com":       {ID: "eve@example.com"},
	"root@example.com":      {ID: "root@example.com", Groups: []string{"admins"}},
}

// human is who somebody is, whatever they call themselves.
func human(id string) string {
	if id == "bob+phone@example.com" {
		return "bob@example.com"
	}
	return id
}

// book is a policy: who may do what.
type book struct {
	Revision string
	Frozen   bool          // nobody may do anything
	Leads    string        // the group that decides
	Admins   int           // how many must approve the role admin
	Second   string        // who approves after somebody else needs this group, too
	Longest  time.Duration // 0: no limit of its own
}

// allows says whether who may do it, on a request that so many have approved.
func (b book) allows(a engine.Action, who engine.Principal, approved int) bool {
	switch {
	case b.Frozen, a == engine.ActApprove && approved > 0 && b.Second != "" && !who.In(b.Second):
		return false
	case a == engine.ActRequest:
		return true
	case a == engine.ActBreakGlass:
		return who.In("sre")
	}
	return who.In(b.Leads)
}

// required is how many must approve a role; 0 means that nobody needs to.
func (b book) required(role string) int {
	switch role {
	case "viewer":
		return 0
	case "admin":
		return b.Admins
	}
	return 1
}

func (b book) decide(q engine.Question) (engine.Decision, error) {
	terms := engine.Terms{Required: b.required(q.Request.Target.Role), ApproverGroups: []string{b.Leads}}
	if terms.Required == 0 {
		terms.Tier = engine.TierAuto
	}
	return engine.Decision{Allowed: b.allows(q.Action, q.User.Principal, len(q.Request.Approvals)), Terms: terms, MaxDuration: b.Longest}, nil
}

func (b book) longest(urgent bool) time.Duration {
	most := longestInSandbox
	if b.Longest > 0 {
		most = min(most, b.Longest)
	}
	if urgent {
		most = min(most, longestUrgent)
	}
	return most
}

// entry is a request as the spec knows it.
type entry struct {
	id, requester, role string
	urgent              bool
	state               engine.State
	revision            uint64
	required            int
	duration            time.Duration
	until               time.Time // it lapses
	approvers           []string
	deadline            time.Time // zero until it is decided
	decided             hours     // when it was
	settled             time.Time // no grant call can take effect any more
}

// spec is what there must be.
type spec struct {
	book    book
	people  map[string]engine.Principal
	entries []*entry
	done    map[string]bool   // wishes carried out under a key
	made    map[string]*entry // requests made under a key
	unsure  map[string]bool   // keys of wishes of which nobody knows whether they were carried out
}

// wish is something that somebody does about a request.
type wish struct {
	action engine.Action // approve, deny, revoke, and
	by     string
	e      *entry
	v      engine.Verdict
}

const actCancel engine.Action = "cancel"

func (w wish) key() string {
	if w.v.Key == "" {
		return ""
	}
	return strings.Join([]string{string(w.action), w.by, w.e.id, w.v.Key}, " ")
}

// again reports whether this very wish was carried out before.
func (s *spec) again(w wish) bool { return w.v.Key != "" && s.done[w.key()] }

// verdict returns the kind of error that w must meet at that time, and what it
// does if it meets none. card is the message on record for the request.
func (s *spec) verdict(w wish, now time.Time, card engine.Message) error {
	switch w.action {
	case engine.ActRevoke:
		return s.revoke(w, card)
	case actCancel:
		return s.cancel(w, card)
	}
	e := w.e
	switch {
	case s.again(w):
		return nil
	case e.state != engine.Pending, !now.Before(e.until), w.v.Revision != 0 && w.v.Revision != e.revision:
		return engine.ErrConflict
	case !w.v.On.IsZero() && !w.v.On.Same(card):
		return engine.ErrForbidden
	case w.action == engine.ActDeny:
		return allow(human(w.by) != human(e.requester) && s.book.allows(w.action, s.people[w.by], 0))
	}
	return s.approve(w)
}

func allow(ok bool) error {
	if ok {
		return nil
	}
	return engine.ErrForbidden
}

func (s *spec) approve(w wish) error {
	e := w.e
	if s.people[e.requester].Disabled || human(w.by) == human(e.requester) {
		return engine.ErrForbidden
	}
	for _, a := range e.approvers {
		if human(a) == human(w.by) {
			return engine.ErrConflict
		}
	}
	duration := e.duration
	if w.v.Duration > 0 {
		duration = w.v.Duration
	}
	switch {
	case !s.book.allows(w.action, s.people[w.by], len(e.approvers)):
		return engine.ErrForbidden
	case duration > e.duration || duration > s.book.longest(e.urgent):
		return engine.ErrInvalid
	}
	return nil
}

func (s *spec) cancel(w wish, card engine.Message) error {
	switch {
	case s.again(w):
		return nil
	case !w.v.On.IsZero() && !w.v.On.Same(card):
		return engine.ErrForbidden
	case human(w.by) != human(w.e.requester):
		return engine.ErrForbidden
	case w.e.state != engine.Pending:
		return engine.ErrConflict
	}
	return nil
}

// errLess refuses a revocation for want of a right. One that was allowed when it
// was asked about may be carried out all the same: that is less access.
var errLess = fmt.Errorf("no right to revoke: %w", engine.ErrForbidden)

func (s *spec) revoke(w wish, card engine.Message) error {
	who := s.people[w.by]
	switch {
	case human(w.by) != human(w.e.requester) && !who.In("admins") && !s.book.allows(w.action, who, 0):
		return errLess
	case s.again(w):
		return nil
	case !w.v.On.IsZero() && !w.v.On.Same(card):
		return engine.ErrForbidden
	case w.e.state != engine.Approved && w.e.state != engine.Active:
		return engine.ErrConflict
	}
	return nil
}

// apply carries out a wish that met no error, and returns how many entries it
// leaves in the log.
func (s *spec) apply(w wish, h hours) int {
	if s.again(w) {
		return 0
	}
	if w.v.Key != "" {
		s.done[w.key()] = true
	}
	e := w.e
	switch w.action {
	case engine.ActDeny:
		e.state = engine.Rejected
	case actCancel:
		e.state = engine.Canceled
	case engine.ActRevoke:
		e.state = engine.Revoking
	case engine.ActApprove:
		if w.v.Duration > 0 && w.v.Duration < e.duration {
			e.duration = w.v.Duration
			e.revision++
		}
		e.required = max(e.required, s.book.required(e.role), 1)
		e.approvers = append(e.approvers, w.by)
		if len(e.approvers) >= e.required {
			e.decide(h)
			return 2
		}
	}
	return 1
}

func (e *entry) decide(h hours) {
	e.state, e.decided, e.deadline = engine.Approved, h, h.now.Add(e.duration)
}

// submit returns the kind of error that a new request must meet. A key that was
// used before gives the request that was made then, unless it would not be
// allowed now.
func (s *spec) submit(by string, d engine.Draft, known bool, now time.Time) error {
	action := engine.ActRequest
	if d.BreakGlass {
		action = engine.ActBreakGlass
	}
	pending := 0
	for _, e := range s.entries {
		if e.requester == by && e.state == engine.Pending {
			pending++
		}
	}
	switch {
	case !s.book.allows(action, s.people[by], 0):
		return engine.ErrForbidden
	case d.Duration > s.book.longest(d.BreakGlass):
		return engine.ErrInvalid
	case !known:
		return engine.ErrUnavailable
	case pending < mostPending || d.BreakGlass:
		return nil
	}
	// A quota bounds what is new; what is older than a day is new again.
	if e := s.made[by+" "+d.Key]; e != nil && !e.until.Add(-pendingFor).Before(now.Add(-24*time.Hour)) {
		return nil
	}
	return engine.ErrLimited
}

// create adds a request that met no error, and returns how many entries it
// leaves in the log.
func (s *spec) create(by string, d engine.Draft, id string, h hours) int {
	e := &entry{
		id: id, requester: by, role: d.Target.Role, urgent: d.BreakGlass, state: engine.Pending, revision: 1,
		required: s.book.required(d.Target.Role), duration: d.Duration, until: h.now.Add(pendingFor),
	}
	s.entries = append(s.entries, e)
	if d.Key != "" {
		s.made[by+" "+d.Key] = e
	}
	if e.urgent || e.required == 0 {
		e.decide(h)
		return 3
	}
	return 1
}
