package bot

import (
	"fmt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Tone is how a card looks.
type Tone string

// The tones.
const (
	Waiting Tone = "waiting" // somebody has to decide
	Working Tone = "working" // jitsudo is at it
	Live    Tone = "live"    // the access is there
	Ended   Tone = "ended"   // over, as it should
	Stopped Tone = "stopped" // denied, withdrawn, lapsed
	Alarm   Tone = "alarm"   // needs eyes: break-glass, or a trouble that lasts
)

// Card is something to draw in a chat: a heading, facts, somebody's words and
// buttons, all of it optional. It says nothing about how it looks.
type Card struct {
	Tone      Tone
	Title     string // our own words, never anybody else's
	Text      Words
	Facts     []Fact
	Quote     string // what a person wrote, on as many lines as they did
	Foot      Words
	Buttons   []Button
	RequestID string // whose card it is, "" for none
}

// Fact is one labelled line.
type Fact struct {
	Label string
	Value Words
}

// Action is what a button does.
type Action string

// The actions.
const (
	Approve Action = "approve"
	Deny    Action = "deny"
	Revoke  Action = "revoke"
	Cancel  Action = "cancel"
	Ask     Action = "ask" // opens the form; belongs to no request
)

// Button is a button. It carries which request and which revision was shown, and
// nothing else: what happens is read from the store.
type Button struct {
	Action    Action
	Label     string
	Strong    bool // the one thing to do
	Danger    bool // ends something
	RequestID string
	Revision  uint64
	Sure      string // asked before it counts, "" for nothing
}

// Summary returns the card in a line or two of plain text, for notifications and
// for those who hear their screen.
func (c Card) Summary() string {
	s := c.Title
	add := func(more string) {
		if more != "" && s != "" {
			s += " · "
		}
		s += more
	}
	add(c.Text.String())
	for i, f := range c.Facts {
		if i < 3 {
			add(f.Label + ": " + f.Value.String())
		}
	}
	return engine.OneLine(s, 500)
}

// CardOf draws a request as it is. It depends on nothing else, so that a card
// that was missed mends itself at the next drawing.
func CardOf(r engine.Request) Card {
	tone, title := headline(r)
	c := Card{Tone: tone, Title: title, RequestID: r.ID, Quote: engine.Clean(r.Reason)}
	c.Facts = append(c.Facts,
		Fact{"Who", Say(r.Requester)},
		Fact{"What", what(r.Target)},
		Fact{"How long", howLong(r)},
	)
	if f, ok := decisionFact(r); ok {
		c.Facts = append(c.Facts, f)
	}
	c.Facts = append(c.Facts, endFacts(r)...)
	if r.Ticket != "" {
		c.Facts = append(c.Facts, Fact{"Ticket", Say(engine.OneLine(r.Ticket, 0))})
	}
	c.Foot = Say(Name(r.ID), " · asked ", When(r.CreatedAt))
	if r.State == engine.Pending && !r.PendingUntil.IsZero() {
		c.Foot = append(c.Foot, Say(" · lapses ", When(r.PendingUntil))...)
	}
	c.Buttons = buttonsOf(r)
	return c
}

func headline(r engine.Request) (Tone, string) {
	tone, title := plainHeadline(r)
	if r.BreakGlass {
		if r.State.Live() {
			tone = Alarm
		}
		title = "BREAK-GLASS: " + title
	}
	if r.State.Owed() && r.Failure != "" {
		tone = Alarm
	}
	return tone, title
}

func plainHeadline(r engine.Request) (Tone, string) {
	switch r.State {
	case engine.Pending:
		return Waiting, "Waiting for approval"
	case engine.Approved:
		return Working, "Approved, being set up"
	case engine.Active:
		return Live, "Access is live"
	case engine.Expiring:
		return Working, "Time is up, taking the access away"
	case engine.Revoking:
		return Working, "Taking the access away"
	case engine.Rejected:
		return Stopped, "Denied"
	case engine.Canceled:
		return Stopped, "Withdrawn"
	case engine.Lapsed:
		return Stopped, "Lapsed: nobody decided in time"
	case engine.Expired:
		return Ended, "Access has ended"
	case engine.Revoked:
		return Ended, "Access was ended early"
	case engine.Failed:
		return Stopped, "Access could not be given"
	}
	return Stopped, string(r.State)
}

func what(t engine.Target) Words {
	return Say(Name(t.Role), " on ", Name(t.Scope), " ("+t.Provider+")")
}

func howLong(r engine.Request) Words {
	ws := Say(engine.FormatDuration(r.Duration))
	switch {
	case !r.EndedAt.IsZero() && !r.GrantedAt.IsZero():
		ws = append(ws, Say(", ended ", When(r.EndedAt))...)
	case !r.ExpiresAt.IsZero() && !r.State.Final():
		ws = append(ws, Say(", until ", When(r.ExpiresAt))...)
	}
	return ws
}

func decisionFact(r engine.Request) (Fact, bool) {
	var by []string
	for _, a := range r.Approvals {
		by = append(by, a.Approver)
	}
	switch {
	case r.State == engine.Pending:
		return Fact{"Approval", pendingApproval(r, by)}, true
	case r.BreakGlass:
		return Fact{"Approved by", Say("nobody: break-glass")}, true
	case r.Terms.Tier == engine.TierAuto && len(by) == 0 && r.State != engine.Rejected:
		return Fact{"Approved by", Say("the policy, nobody had to be asked")}, true
	case len(by) > 0:
		return Fact{"Approved by", join(by, plain)}, true
	}
	return Fact{}, false
}

func pendingApproval(r engine.Request, by []string) Words {
	ws := Say(fmt.Sprintf("%d of %d", len(by), max(r.Terms.Required, 1)))
	if len(by) > 0 {
		ws = append(ws, Say(" (")...)
		ws = append(append(ws, join(by, plain)...), Say(")")...)
	}
	if can := append(append([]string(nil), r.Terms.ApproverGroups...), r.Terms.Approvers...); len(can) > 0 {
		ws = append(append(ws, Say(". Can approve: ")...), join(can, plain)...)
	}
	return ws
}

func endFacts(r engine.Request) []Fact {
	var facts []Fact
	switch r.State {
	case engine.Rejected:
		facts = append(facts, Fact{"Denied by", Say(r.DecidedBy+": ", Quoted(r.EndReason, 300))})
	case engine.Revoking, engine.Revoked:
		if r.EndState != engine.Failed && r.DecidedBy != "" {
			facts = append(facts, Fact{"Ended by", endedBy(r.DecidedBy, r.EndReason)})
		}
	case engine.Failed:
		return []Fact{{"What happened", Say(engine.OneLine(r.Failure, 300))}}
	}
	if r.Failure != "" && !r.State.Final() {
		facts = append(facts, Fact{"Trouble", Say(engine.OneLine(r.Failure, 300))})
	}
	return facts
}

func endedBy(who, why string) Words {
	if why == "" {
		return Say(who)
	}
	return Say(who+": ", Quoted(why, 300))
}

func buttonsOf(r engine.Request) []Button {
	switch r.State {
	case engine.Pending:
		return decideButtons(r)
	case engine.Approved, engine.Active:
		return []Button{revokeButton(r, "Revoke")}
	}
	return nil
}

func decideButtons(r engine.Request) []Button {
	return []Button{
		{Action: Approve, Label: "Approve", Strong: true, RequestID: r.ID, Revision: r.Revision, Sure: sure(r)},
		{Action: Deny, Label: "Deny …", Danger: true, RequestID: r.ID, Revision: r.Revision},
	}
}

// sure says what an approval gives, read from the store and not from the message.
func sure(r engine.Request) string {
	return engine.OneLine(fmt.Sprintf("%s gets %s on %s (%s) for %s.", r.Requester, engine.OneLine(r.Target.Role, 80),
		engine.OneLine(r.Target.Scope, 80), r.Target.Provider, engine.FormatDuration(r.Duration)), 300)
}

func revokeButton(r engine.Request, label string) Button {
	return Button{Action: Revoke, Label: label, Danger: true, RequestID: r.ID, Revision: r.Revision,
		Sure: engine.OneLine(fmt.Sprintf("%s loses %s on %s at once.", r.Requester, engine.OneLine(r.Target.Role, 80), engine.OneLine(r.Target.Scope, 80)), 300)}
}

func cancelButton(r engine.Request) Button {
	return Button{Action: Cancel, Label: "Withdraw", RequestID: r.ID, Revision: r.Revision}
}
