package bot

import (
	"context"
	"fmt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Press carries out the press of a button.
func (d *Desk) Press(ctx context.Context, by engine.Actor, p Press) Reply {
	v := engine.Verdict{RequestID: p.RequestID, Revision: p.Revision, On: p.On, Key: p.Key}
	switch p.Action {
	case Ask:
		return d.Open(ctx, by)
	case Approve, Deny:
		if p.On.IsZero() {
			return Reply{Say: Say("Decide on the request's own card, or with ", Name("/jitsudo "+string(p.Action)+" "+p.RequestID), ".")}
		}
		if p.Action == Deny {
			return d.askWhy(ctx, by, p)
		}
		return d.approve(ctx, by, v)
	case Revoke:
		v.Revision = 0 // ending access is never too late for what was shown
		return d.revoke(ctx, by, v)
	case Cancel:
		v.Revision = 0
		return d.cancel(ctx, by, v)
	}
	return Reply{Say: Say("That button is from another version of jitsudo.")}
}

func (d *Desk) approve(ctx context.Context, by engine.Actor, v engine.Verdict) Reply {
	r, err := d.engine.Approve(ctx, by, v)
	if err != nil {
		return d.sorry("approve", by, err)
	}
	if r.State == engine.Pending {
		return Reply{Say: Say(fmt.Sprintf("Your approval counts: %d of %d so far.", len(r.Approvals), r.Terms.Required))}
	}
	return Reply{Say: Say("You approved ", what(r.Target), " for "+r.Requester+".")}
}

func (d *Desk) revoke(ctx context.Context, by engine.Actor, v engine.Verdict) Reply {
	r, err := d.engine.Revoke(ctx, by, v)
	if err != nil {
		return d.sorry("revoke", by, err)
	}
	return Reply{Say: Say("The access to ", what(r.Target), " is being taken away now.")}
}

func (d *Desk) cancel(ctx context.Context, by engine.Actor, v engine.Verdict) Reply {
	r, err := d.engine.Cancel(ctx, by, v)
	if err != nil {
		return d.sorry("cancel", by, err)
	}
	return Reply{Say: Say("You withdrew your request for ", what(r.Target), ".")}
}

// askWhy answers with the form that asks for the reason of a no, unless it is
// plain already that the no would not count.
func (d *Desk) askWhy(ctx context.Context, by engine.Actor, p Press) Reply {
	r, err := d.engine.Get(ctx, by, p.RequestID)
	if err != nil {
		// Policy may let somebody decide who may not read the request; the no
		// itself is judged when the form is sent.
		f := newDenyForm(engine.Request{ID: p.RequestID}, p)
		return Reply{Form: &f}
	}
	forged := !p.On.IsZero() && !r.Drawing.Has(p.On)
	if r.State != engine.Pending || forged || engine.SamePerson(by.ID, r.Requester) {
		// The engine has the right words for it, and puts on record what must be.
		return d.refusedDeny(ctx, by, p)
	}
	f := newDenyForm(r, p)
	return Reply{Form: &f}
}

func (d *Desk) refusedDeny(ctx context.Context, by engine.Actor, p Press) Reply {
	_, err := d.engine.Deny(ctx, by, engine.Verdict{RequestID: p.RequestID, Revision: p.Revision, On: p.On, Key: p.Key})
	if err == nil { // it cannot be: a no without a reason is refused
		return Reply{}
	}
	return d.sorry("deny", by, err)
}
