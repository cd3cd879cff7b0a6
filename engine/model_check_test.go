package engine_test

import (
	"reflect"
	"slices"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

const (
	// recovery is how long after the last trouble everything is as it should be.
	recovery = time.Minute
	// settled is how long after it began a grant call may still take effect.
	settled = 30 * time.Second
	// checkPeople is how long somebody who is disabled may keep a live access.
	checkPeople = 5 * time.Minute
)

// check compares everything that outlives the process with the spec and with
// itself. It holds at any moment, also when the process has just died.
func (x *trial) check() {
	x.t.Helper()
	records := x.records()
	x.readLog()
	for _, e := range x.entries {
		r, ok := records[e.id]
		if !ok {
			x.t.Fatalf("S2: request %s is gone", e.id)
		}
		x.checkRecord(e, r)
	}
	if len(records) != len(x.entries) {
		x.t.Fatalf("S4: %d requests, want %d", len(records), len(x.entries))
	}
	x.checkCloud(records)
}

func (x *trial) records() map[string]engine.Request {
	x.t.Helper()
	page, err := x.disk.List(bg, engine.Filter{PageSize: engine.MaxPage})
	if err != nil {
		x.t.Fatal(err)
	}
	records := map[string]engine.Request{}
	for _, r := range page.Requests {
		records[r.ID] = r
	}
	return records
}

func (x *trial) readLog() {
	x.t.Helper()
	page, err := x.disk.Events(bg, engine.EventFilter{After: x.ledger.head.ID, Ascending: true, PageSize: engine.MaxPage})
	if err != nil {
		x.t.Fatal(err)
	}
	for _, e := range page.Events {
		if err := x.ledger.read(e); err != nil {
			x.t.Fatal(err)
		}
	}
	if head, err := x.disk.Head(bg); err != nil || head != x.ledger.head {
		x.t.Fatalf("U1: the head is %+v, the last entry %+v, %v", head, x.ledger.head, err)
	}
}

// checkRecord compares a request with its entry and takes over how far the
// daemon has brought it.
func (x *trial) checkRecord(e *entry, r engine.Request) {
	x.t.Helper()
	a := x.ledger.account[r.ID]
	switch {
	case a == nil || a.state != r.State:
		x.t.Fatalf("U1: request %s is %s, the log says %+v", r.ID, r.State, a)
	case !brings(e.state, r.State):
		x.t.Fatalf("S1: request %s is %s, want %s or what the daemon makes of that", r.ID, r.State, e.state)
	case !slices.Equal(approvers(r), e.approvers) || !slices.Equal(a.approvers, e.approvers):
		x.t.Fatalf("A3: request %s has the approvals of %v (log: %v), want %v", r.ID, approvers(r), a.approvers, e.approvers)
	case r.Revision != e.revision || r.Duration != e.duration || !r.PendingUntil.Equal(e.until) || r.Terms.Required != e.required:
		x.t.Fatalf("request %s is %+v, want %+v", r.ID, r, e)
	case !r.ExpiresAt.Equal(e.deadline):
		x.t.Fatalf("R5: the deadline of request %s is %s, want %s", r.ID, r.ExpiresAt, e.deadline)
	case r.BreakGlass != e.urgent || r.Requester != e.requester || r.Target.Role != e.role:
		x.t.Fatalf("request %s is %+v, want %+v", r.ID, r, e)
	case !r.ExpiresAt.IsZero() && r.ExpiresAt.Sub(r.DecidedAt) > (book{}).longest(e.urgent):
		x.t.Fatalf("A6: request %s lasts %s", r.ID, r.ExpiresAt.Sub(r.DecidedAt))
	case r.WallDeadline.After(r.ExpiresAt):
		x.t.Fatalf("R5: the provider is told %s of request %s, the deadline is %s", r.WallDeadline, r.ID, r.ExpiresAt)
	}
	x.checkFinal(e, r)
	x.checkEdges(e, a)
	e.state, e.settled = r.State, time.Time{}
	if at := r.Work.UncertainAt; !at.IsZero() {
		e.settled = at.Add(settled)
	}
}

func approvers(r engine.Request) (ids []string) {
	for _, a := range r.Approvals {
		ids = append(ids, a.Approver)
	}
	return ids
}

// brings reports whether the daemon brings a request from one state to another
// without anybody's doing.
func brings(from, to engine.State) bool {
	next := map[engine.State][]engine.State{
		engine.Pending:  {engine.Lapsed},
		engine.Approved: {engine.Active, engine.Revoking},
		engine.Active:   {engine.Expiring, engine.Revoking},
		engine.Expiring: {engine.Expired},
		engine.Revoking: {engine.Revoked, engine.Failed},
	}
	return from == to || slices.ContainsFunc(next[from], func(s engine.State) bool { return brings(s, to) })
}

// checkFinal holds a request that has ended to what it was then.
func (x *trial) checkFinal(e *entry, r engine.Request) {
	x.t.Helper()
	r.Drawing, r.DrawAt = engine.Drawing{}, time.Time{} // the card may still be drawn
	if was, ok := x.final[e.id]; ok && !reflect.DeepEqual(was, r) {
		x.t.Fatalf("S1: request %s had ended as %+v and is now %+v", e.id, was, r)
	}
	if r.State.Final() {
		x.final[e.id] = r
	}
}

// checkEdges checks when what the log tells of took place.
func (x *trial) checkEdges(e *entry, a *account) {
	x.t.Helper()
	for _, edge := range a.edges {
		switch to := engine.State(edge.Details["to"].(string)); {
		case to == engine.Expiring && edge.At.Before(e.deadline):
			x.t.Fatalf("request %s was ended at %s, its deadline is %s", e.id, edge.At, e.deadline)
		case to == engine.Active && !edge.At.Before(e.deadline):
			x.t.Fatalf("R5: request %s was given at %s, its deadline was %s", e.id, edge.At, e.deadline)
		case to == engine.Lapsed && edge.At.Before(e.until):
			x.t.Fatalf("S6: request %s lapsed at %s instead of %s", e.id, edge.At, e.until)
		case to == engine.Approved && !edge.At.Before(e.until):
			x.t.Fatalf("S6: request %s was approved at %s and had lapsed at %s", e.id, edge.At, e.until)
		}
	}
}

// checkCloud: whatever access there is belongs to a request that is live, under
// its name and with its deadline; and what is ACTIVE is there.
func (x *trial) checkCloud(records map[string]engine.Request) {
	x.t.Helper()
	there := map[string]bool{}
	for _, b := range x.cloud.Bindings() {
		r, ok := records[b.Request]
		there[b.Request] = true
		switch {
		case b.Owner != sandbox.Owner || !ok:
			x.t.Fatalf("G1: nobody knows of %+v", b)
		case r.State.Final():
			x.t.Fatalf("R1: request %s is %s, and has access: %+v", r.ID, r.State, b)
		case !r.State.Live():
			x.t.Fatalf("G1: request %s is %s, and has access: %+v", r.ID, r.State, b)
		case b.Principal != r.Requester || b.Role != r.Target.Role || b.Scope != r.Target.Scope || !b.Deadline.Equal(r.WallDeadline):
			x.t.Fatalf("G5: given %+v, asked for %+v", b, r)
		}
	}
	for _, r := range records {
		if r.State == engine.Active && !there[r.ID] {
			x.t.Fatalf("G2: request %s is ACTIVE without access", r.ID)
		}
	}
}

// checkTimes holds when the workers have just come round.
func (x *trial) checkTimes() {
	x.t.Helper()
	calm := x.sure-x.calm >= recovery
	for _, e := range x.entries {
		switch {
		case e.state == engine.Pending && !x.now.Before(e.until):
			x.t.Fatalf("S6: request %s waits at %s, and should have lapsed at %s", e.id, x.now, e.until)
		case !calm || e.deadline.IsZero() || x.now.Before(e.settled):
		case e.state.Live() && !x.now.Before(e.deadline):
			x.t.Fatalf("R3: request %s is %s at %s, its deadline was %s", e.id, e.state, x.now, e.deadline)
		case e.state.Live() && x.sure-e.decided.sure > e.duration+recovery:
			x.t.Fatalf("R4: request %s is %s, %s after it was given for %s", e.id, e.state, x.sure-e.decided.sure, e.duration)
		case e.state == engine.Active && x.people[e.requester].Disabled && x.now.Sub(x.disabled[e.requester]) >= checkPeople:
			x.t.Fatalf("R8: request %s is live, %s has been disabled for %s", e.id, e.requester, x.now.Sub(x.disabled[e.requester]))
		case e.state == engine.Expired && !x.stepped && x.real-e.decided.real < e.duration:
			x.t.Fatalf("request %s has expired after %s of %s", e.id, x.real-e.decided.real, e.duration)
		}
	}
}

// checkQuiet holds when nothing has been wrong for long enough: nothing is owed,
// and the chat shows everything as it is.
func (x *trial) checkQuiet() {
	x.t.Helper()
	for _, r := range x.records() {
		switch {
		case r.State.Owed():
			x.t.Fatalf("G2: request %s is still %s: %+v", r.ID, r.State, r.Work)
		case x.chat.shown[r.ID] != r.Version:
			x.t.Fatalf("the card of request %s shows version %d of %d: %+v", r.ID, x.chat.shown[r.ID], r.Version, r.Drawing)
		}
	}
}
