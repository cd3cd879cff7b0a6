package bot

import (
	"fmt"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// This file draws what surrounds the card: the call to the approvers, the alert,
// the requester's own message. Pure functions, as CardOf is.

// CallOf draws the call to the approvers, in the card's thread. It calls them
// while the request waits, and later says only what became of it.
func CallOf(r engine.Request) Card {
	c := Card{Tone: Waiting, RequestID: r.ID}
	if r.State != engine.Pending {
		tone, title := headline(r)
		c.Tone, c.Text = tone, Say(title+".")
		if r.State == engine.Approved || r.State == engine.Active {
			c.Text = Say("Approved by ", join(approvers(r), plain), ".")
		}
		return c
	}
	var called Words
	for _, g := range r.Terms.ApproverGroups {
		called = append(called, Word{Kind: CallGroup, Text: engine.OneLine(g, 80)}, Word{Text: " "})
	}
	for _, p := range r.Terms.Approvers {
		called = append(called, Word{Kind: CallPerson, Text: engine.OneLine(p, 80)}, Word{Text: " "})
	}
	c.Text = Say(called, "please decide: ", Bold(r.Requester), " asks for ", what(r.Target), " for ", Bold(engine.FormatDuration(r.Duration)), ".")
	if n := r.Terms.Required; n > 1 {
		c.Text = append(c.Text, Say(fmt.Sprintf(" %d of %d approvals so far.", len(r.Approvals), n))...)
	}
	c.Buttons = decideButtons(r)
	return c
}

func approvers(r engine.Request) []string {
	var by []string
	for _, a := range r.Approvals {
		by = append(by, a.Approver)
	}
	if len(by) == 0 {
		by = []string{"the policy"}
	}
	return by
}

// AlertOf draws the alert of a break-glass.
func AlertOf(r engine.Request) Card {
	return Card{
		Tone: Alarm, Title: "BREAK-GLASS", RequestID: r.ID, Quote: engine.Clean(r.Reason),
		Text: Say(Word{Kind: CallAlarm}, Bold(r.Requester), " took ", what(r.Target), " for ", Bold(engine.FormatDuration(r.Duration)),
			" without anybody's approval."),
		Foot: Say(Name(r.ID), " · ", When(r.CreatedAt)),
	}
}

// LiveOf draws the requester's own message about a live access: what it is, until
// when, how to use it, and the button that gives it back.
func LiveOf(r engine.Request, howTo string) Card {
	c := Card{Tone: Live, RequestID: r.ID, Title: "Your access is live", Foot: Say(Name(r.ID))}
	c.Text = Say("You have ", what(r.Target), " until ", When(r.ExpiresAt), ".")
	use := withTicks(howTo)
	if len(use) == 0 {
		use = Say("Run ", Name("jitsudo exec "+r.ID+" -- your-command"))
	}
	c.Facts = []Fact{{"How to use it", use}}
	c.Buttons = []Button{revokeButton(r, "I'm done")}
	return c
}

// GoneOf draws what the requester's message becomes once the access is over or
// being taken away.
func GoneOf(r engine.Request) Card {
	c := Card{Tone: Ended, RequestID: r.ID, Foot: Say(Name(r.ID))}
	c.Text = Say("This access to ", what(r.Target), " has ended.")
	if !r.State.Final() {
		c.Text = Say("This access to ", what(r.Target), " is being taken away.")
	}
	return c
}

// EndingOf warns the requester that the end is near.
func EndingOf(r engine.Request) Card {
	return Card{Tone: Waiting, RequestID: r.ID,
		Text: Say("Your access to ", what(r.Target), " ends ", When(r.ExpiresAt), ". Ask again if you need longer.")}
}

// TellRequester returns what the requester is told by themselves about an event;
// ok is false when it does not concern them alone.
func TellRequester(e engine.Event, r engine.Request) (c Card, ok bool) {
	c = Card{RequestID: r.ID, Tone: Ended, Foot: Say(Name(r.ID))}
	target := what(r.Target)
	switch {
	case e.Action == engine.EvDenied:
		c.Tone, c.Text = Stopped, Say(e.Actor+" denied your request for ", target, ": ", Quoted(detail(e, "reason"), 500))
	case e.Action == engine.EvLapsed:
		c.Tone, c.Text = Stopped, Say("Nobody decided in time on your request for ", target, ". Ask again if you still need it.")
	case e.Action == engine.EvExpired:
		c.Text = Say("Your access to ", target, " has ended.")
	case e.Action == engine.EvRevoked:
		c.Text = Say("Your access to ", target, " was ended early")
		if r.DecidedBy != "" && !engine.SamePerson(r.DecidedBy, r.Requester) {
			c.Text = append(c.Text, Say(" by ", endedBy(r.DecidedBy, r.EndReason))...)
		}
		c.Text = append(c.Text, Say(".")...)
	case e.Action == engine.EvGrantFailed && e.Outcome == engine.Failure && e.Details["to"] == string(engine.Failed):
		c.Tone, c.Text = Stopped, Say("Your access to ", target, " could not be given. ", sentence(detail(e, "reason")))
	default:
		return Card{}, false
	}
	return c, true
}

func detail(e engine.Event, name string) string {
	s, _ := e.Details[name].(string)
	return s
}

func sentence(s string) string {
	if s = engine.OneLine(s, 300); s != "" && !strings.ContainsAny(s[len(s)-1:], ".!?…") {
		s += "."
	}
	return s
}
