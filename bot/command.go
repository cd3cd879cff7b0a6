package bot

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// Command is what somebody said after the slash command.
type Command struct {
	Text    string // unescaped
	Channel string // where it was said, "" for nowhere in particular
	Key     string // the same for the same command told twice
}

// maxQuoted bounds how much of a line is given back, in characters.
const maxQuoted = 1500

// Command answers what somebody said.
func (d *Desk) Command(ctx context.Context, by engine.Actor, c Command) Reply {
	said, err := grammar.ParseSlash(c.Text)
	if half, ok := said.(grammar.Request); ok && err != nil {
		reply := d.mend(by, half.Draft(), err)
		if reply.Form != nil { // the line could not be read to its end
			reply.Form.Alert += " You wrote: " + engine.OneLine(c.Text, maxQuoted)
		}
		return reply
	}
	if err != nil {
		return d.sorry("command", by, err)
	}
	switch s := said.(type) {
	case grammar.Form:
		return d.Open(ctx, by)
	case grammar.Help:
		return Reply{Say: help()}
	case grammar.Request:
		return d.sayRequest(ctx, by, s, c)
	case grammar.BreakGlass:
		return d.sayRequest(ctx, by, s.Request, c)
	case grammar.Status:
		return d.status(ctx, by, s)
	case grammar.Mine:
		return d.status(ctx, by, grammar.Status{Mine: true})
	case grammar.Pending:
		return d.status(ctx, by, grammar.Status{Pending: true})
	}
	return d.verdict(ctx, by, said, c.Key)
}

func (d *Desk) verdict(ctx context.Context, by engine.Actor, said any, key string) Reply {
	switch s := said.(type) {
	case grammar.Approve:
		return d.approve(ctx, by, engine.Verdict{
			RequestID: string(s.ID), Comment: s.Comment, Duration: time.Duration(s.Duration), Key: key,
		})
	case grammar.Deny:
		return d.sayDeny(ctx, by, s, key)
	case grammar.Cancel:
		return d.cancel(ctx, by, engine.Verdict{RequestID: string(s.ID), Key: key})
	case grammar.Revoke:
		return d.revoke(ctx, by, engine.Verdict{RequestID: string(s.ID), Comment: s.Reason, Key: key})
	}
	return Reply{Say: Say("That word means nothing here. ", Name("help"), " shows what can be said.")}
}

func (d *Desk) sayDeny(ctx context.Context, by engine.Actor, s grammar.Deny, key string) Reply {
	if strings.TrimSpace(s.Reason) == "" {
		return d.askWhy(ctx, by, Press{Action: Deny, RequestID: string(s.ID), Key: key})
	}
	r, err := d.engine.Deny(ctx, by, engine.Verdict{RequestID: string(s.ID), Comment: s.Reason, Key: key})
	if err != nil {
		return d.sorry("deny", by, err)
	}
	return Reply{Say: Say("You denied ", Name(r.ID), ". "+r.Requester+" is told why.")}
}

// sayRequest takes a request that was said in one line; what is missing, or was
// wrong at a field, is asked for in the form, with the rest filled in.
func (d *Desk) sayRequest(ctx context.Context, by engine.Actor, s grammar.Request, c Command) Reply {
	draft := s.Draft()
	draft.Channel, draft.Key = c.Channel, c.Key
	form := newRequestForm(d.engine.Providers(), draft, "")
	if len(s.Missing()) > 0 {
		return Reply{Form: &form}
	}
	r, err := d.engine.Submit(ctx, by, draft)
	if err != nil {
		return d.mend(by, draft, err)
	}
	return Reply{Say: submitted(r)}
}

// mend says what is wrong with a request that was said in one line. A slip at one
// field is mended in the form, so that nothing has to be typed again.
func (d *Desk) mend(by engine.Actor, draft engine.Draft, err error) Reply {
	reply := d.sorry("request", by, err)
	var slip *engine.Refusal
	if errors.As(err, &slip) && errors.Is(err, engine.ErrInvalid) && slip.Field != "" {
		if slip.Field == FieldProvider {
			draft.Target.Provider = "" // no choice of the form
		}
		form := newRequestForm(d.engine.Providers(), draft, "")
		form.Alert = engine.Explain(err)
		reply = Reply{Form: &form}
	}
	return reply
}

// help says what can be said, the most needed first.
func help() Words {
	lines := []struct{ say, means string }{
		{"/jitsudo", "asks for access, in a form"},
		{"/jitsudo request PROVIDER ROLE SCOPE 30m why you need it", "asks in one line"},
		{"/jitsudo break-glass", "emergency: no approval, everybody is alerted"},
		{"/jitsudo mine", "your own requests"},
		{"/jitsudo pending", "what waits for a decision"},
		{"/jitsudo status ID", "how one request stands"},
		{"/jitsudo approve ID", "says yes"},
		{"/jitsudo deny ID why not", "says no"},
		{"/jitsudo cancel ID", "withdraws your request"},
		{"/jitsudo revoke ID", "ends access early"},
	}
	ws := Say("jitsudo gives access for a while, when the right people agree.\n")
	for _, l := range lines {
		ws = append(ws, Say("• ", Name(l.say), "  "+l.means+"\n")...)
	}
	return ws
}
