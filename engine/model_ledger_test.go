package engine_test

import (
	"fmt"
	"slices"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// ledger reads the audit log as somebody does who has nothing else, and knows
// from it alone who has what and by whose leave.
type ledger struct {
	head    engine.Head
	last    engine.Event
	account map[string]*account
}

// account is one request in the ledger.
type account struct {
	requester string
	state     engine.State
	urgent    bool
	approvers []string
	leave     string // the action of the entry that approved it
	edges     []engine.Event
}

// read takes the next entry, and says what is wrong with it.
func (l *ledger) read(e engine.Event) error {
	head, err := e.Verify(l.head)
	if err != nil {
		return fmt.Errorf("U3: %w", err)
	}
	if e.At.Before(l.last.At) {
		return fmt.Errorf("R4: entry %d is of %s, the one before it of %s", e.ID, e.At, l.last.At)
	}
	l.head, l.last = head, e
	if e.RequestID == "" {
		return nil
	}
	a := l.account[e.RequestID]
	if a == nil {
		a = &account{}
		l.account[e.RequestID] = a
	}
	if err := a.read(e); err != nil {
		return fmt.Errorf("entry %d, %s of %s: %w", e.ID, e.Action, e.RequestID, err)
	}
	return nil
}

func (a *account) read(e engine.Event) error {
	flagged := e.Details["break_glass"] == true
	switch {
	case e.Action == engine.EvCreated:
		a.requester, a.urgent = e.Actor, flagged
	case flagged != a.urgent:
		return fmt.Errorf("B1: flagged as break-glass: %v, the request: %v", flagged, a.urgent)
	}
	if e.Action == engine.EvApproved {
		if err := a.approved(e); err != nil {
			return err
		}
	}
	to, moves := e.Details["to"].(string)
	if !moves {
		return nil
	}
	if from := e.Details["from"]; from != string(a.state) || !a.state.CanFollow(engine.State(to)) {
		return fmt.Errorf("U1: goes from %v to %s, but was %q", from, to, a.state)
	}
	a.state = engine.State(to)
	a.edges = append(a.edges, e)
	if a.state == engine.Approved {
		return a.given(e)
	}
	return a.byWhom(e)
}

func (a *account) approved(e engine.Event) error {
	if human(e.Actor) == human(a.requester) {
		return fmt.Errorf("A1: %s approved what %s asked for", e.Actor, a.requester)
	}
	if slices.ContainsFunc(a.approvers, func(o string) bool { return human(o) == human(e.Actor) }) {
		return fmt.Errorf("A3: %s approved twice", e.Actor)
	}
	a.approvers = append(a.approvers, e.Actor)
	if a.state != engine.Pending {
		return fmt.Errorf("S1: approved while %s", a.state)
	}
	return nil
}

// given checks by whose leave access is owed.
func (a *account) given(e engine.Event) error {
	a.leave = e.Action
	switch {
	case a.urgent != (e.Action == engine.EvBreakGlass):
		return fmt.Errorf("B1: given by %s", e.Action)
	case e.Action == engine.EvApproved && fmt.Sprint(e.Details["required_approvals"]) != fmt.Sprint(len(a.approvers)):
		return fmt.Errorf("A3: %v approvals wanted, given with %d", e.Details["required_approvals"], len(a.approvers))
	case e.Action == engine.EvApproved, e.Action == engine.EvAutoApproved, a.urgent && e.Actor == a.requester:
		return nil
	}
	return fmt.Errorf("A1: given by %s of %s", e.Action, e.Actor)
}

// byWhom checks that people do what is theirs to do, and the daemon the rest.
func (a *account) byWhom(e engine.Event) error {
	people := a.state == engine.Pending || a.state == engine.Rejected || a.state == engine.Canceled
	switch {
	case a.state == engine.Revoking, people == (e.Actor != engine.System):
	default:
		return fmt.Errorf("A4: %s by %s", a.state, e.Actor)
	}
	switch {
	case a.state == engine.Canceled && human(e.Actor) != human(a.requester):
		return fmt.Errorf("A4: canceled by %s", e.Actor)
	case a.state == engine.Rejected && human(e.Actor) == human(a.requester):
		return fmt.Errorf("A4: %s denied a request of their own", e.Actor)
	}
	return nil
}
