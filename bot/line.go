package bot

import (
	"fmt"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// LineOf tells an event in one line of the thread. ok is false for what the card
// itself says already, and for what is no news to anybody.
func LineOf(e engine.Event, r engine.Request) (line Words, ok bool) {
	failed := e.Outcome == engine.Failure
	switch e.Action {
	case engine.EvCreated:
		return informed(r.Terms.Notify), len(r.Terms.Notify) > 0
	case engine.EvApproved:
		return approvedLine(e, r), true
	case engine.EvAutoApproved:
		return Say("The policy lets this through; nobody has to approve."), true
	case engine.EvBreakGlass:
		return Say(Bold("Break-glass"), " by "+e.Actor+". Nobody approved this."), true
	case engine.EvDenied:
		return Say(e.Actor+" denied it: ", Quoted(detail(e, "reason"), 500)), true
	case engine.EvCanceled:
		return Say(e.Actor + " withdrew the request."), true
	case engine.EvLapsed:
		return Say("Nobody decided in time. The request has lapsed."), true
	case engine.EvIssued:
		return Say("The access is live until ", When(r.ExpiresAt), "."), true
	case engine.EvGrantFailed, engine.EvExpiring, engine.EvRevoking:
		return endingLine(e, r, failed), true
	case engine.EvExpired:
		return Say("The access is gone. It was read back to make sure."), true
	case engine.EvRevoked:
		return Say("The access was ended early and is gone. It was read back to make sure."), true
	case engine.EvCredentials:
		return Say(e.Actor + " fetched credentials."), true
	case engine.EvAuthRefused:
		return Say(e.Actor+" was turned away: ", Quoted(detail(e, "reason"), 300)), true
	}
	return nil, false
}

// informed calls those whom policy wants to be told of the request.
func informed(who []string) Words {
	if len(who) == 0 {
		return nil
	}
	ws := Say("For your information: ")
	for i, w := range who {
		if i > 0 {
			ws = append(ws, Word{Text: " "})
		}
		kind := CallGroup
		if strings.Contains(w, "@") {
			kind = CallPerson
		}
		ws = append(ws, Word{Kind: kind, Text: engine.OneLine(w, 80)})
	}
	return ws
}

func approvedLine(e engine.Event, r engine.Request) Words {
	ws := Say(e.Actor + " approved")
	if n := number(e, "required_approvals"); n > 1 {
		ws = append(ws, Say(fmt.Sprintf(" (%d of %d)", number(e, "approvals"), n))...)
	}
	if c := detail(e, "comment"); c != "" {
		ws = append(ws, Say(": ", Quoted(c, 300))...)
	}
	return append(ws, Say(".")...)
}

func endingLine(e engine.Event, r engine.Request, failed bool) Words {
	_, tries := e.Details["tries"]
	switch {
	case failed && tries && e.Action == engine.EvGrantFailed:
		return Say(r.Target.Provider + " does not give the access yet. jitsudo keeps trying.")
	case failed && tries:
		return Say(r.Target.Provider + " does not confirm that the access is gone. jitsudo keeps trying.")
	case failed && e.Action == engine.EvRevoking:
		return Say("The access cannot be given: ", sentence(detail(e, "reason")), " Cleaning up.")
	case failed:
		return Say("The access could not be given, and nothing of it is left.")
	case e.Action == engine.EvExpiring:
		return Say("Time is up. The access is being taken away.")
	}
	if why := detail(e, "reason"); why != "" {
		return Say(e.Actor+" ends the access early: ", Quoted(why, 300))
	}
	return Say(e.Actor + " ends the access early.")
}

// number reads a count out of an event, which may have been through JSON.
func number(e engine.Event, name string) int {
	switch n := e.Details[name].(type) {
	case int:
		return n
	case int64:
		return int(n)
	case float64:
		return int(n)
	case interface{ Int64() (int64, error) }:
		i, _ := n.Int64()
		return int(i)
	}
	return 0
}
