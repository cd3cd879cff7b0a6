package bot

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Desk takes in what people want and answers them. It speaks no chat's dialect.
type Desk struct {
	engine *engine.Engine
	log    *slog.Logger
}

// NewDesk makes a Desk. A nil log means none.
func NewDesk(e *engine.Engine, log *slog.Logger) *Desk {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Desk{engine: e, log: log}
}

// Reply is what the person who asked gets to see, and nobody else. At most one
// of Form and Errors is set.
type Reply struct {
	Say    Words             // a sentence
	Cards  []Card            // to look at; their buttons are not for a message that only one person sees
	Form   *Form             // to fill in
	Errors map[string]string // what is wrong, by field of the form that was sent
}

// Quiet reports whether there is nothing to say.
func (r Reply) Quiet() bool {
	return len(r.Say) == 0 && len(r.Cards) == 0 && r.Form == nil && len(r.Errors) == 0
}

// Press is the press of a button.
type Press struct {
	Action    Action         `json:"action"`
	RequestID string         `json:"request"`
	Revision  uint64         `json:"revision"`
	On        engine.Message `json:"on,omitzero"` // the message that has the button; zero when it stands elsewhere
	Key       string         `json:"-"`           // the same for the same press told twice
}

// Recognise returns who acts when a chat has proved that it is this principal.
func (d *Desk) Recognise(ctx context.Context, id string, via engine.Via, account engine.Account) (engine.Actor, error) {
	return d.engine.Identify(ctx, id, via, account)
}

// TurnAway puts on record that an account was turned away which could not be
// recognised as anybody.
func (d *Desk) TurnAway(ctx context.Context, via engine.Via, account engine.Account, requestID, why string) {
	if err := d.engine.Refused(ctx, engine.Actor{Via: via, Account: account}, requestID, why); err != nil {
		d.log.Error("record refusal", "account", account.Subject, "error", err)
	}
}

// sorry answers with why something was not done.
func (d *Desk) sorry(what string, by engine.Actor, err error) Reply {
	var r *engine.Refusal
	if !errors.As(err, &r) {
		d.log.Error(what, "actor", by.ID, "error", err)
	}
	return Reply{Say: withTicks(engine.Explain(err))}
}

// Open answers with the form that asks for access.
func (d *Desk) Open(_ context.Context, by engine.Actor) Reply {
	if by.ID == "" {
		return Reply{Say: Say("Your account may not ask for access.")}
	}
	f := newRequestForm(d.engine.Providers(), engine.Draft{}, "")
	return Reply{Form: &f}
}

// Submit takes a form that was filled in.
func (d *Desk) Submit(ctx context.Context, by engine.Actor, a Answers) Reply {
	switch a.Form {
	case RequestForm:
		return d.submitRequest(ctx, by, a)
	case DenyForm:
		return d.submitDeny(ctx, by, a)
	}
	return Reply{Say: Say("That form is from another version of jitsudo. Open it again.")}
}

func (d *Desk) submitRequest(ctx context.Context, by engine.Actor, a Answers) Reply {
	draft, errs := a.draft()
	if len(errs) > 0 {
		return Reply{Errors: errs}
	}
	r, err := d.engine.Submit(ctx, by, draft)
	if err != nil {
		return d.atField("submit", by, err, newRequestForm(d.engine.Providers(), draft, a.Values[FieldDuration]))
	}
	return Reply{Say: submitted(r)}
}

// atField answers a refusal at the field that is at fault; at no field of the
// form, it answers with the form as it was filled in and the reason above it.
func (d *Desk) atField(what string, by engine.Actor, err error, f Form) Reply {
	var r *engine.Refusal
	if errors.As(err, &r) {
		for _, field := range f.Fields {
			if field.Name == r.Field {
				return Reply{Errors: map[string]string{r.Field: engine.Explain(err)}}
			}
		}
	} else {
		d.log.Error(what, "actor", by.ID, "error", err)
	}
	f.Alert = engine.Explain(err)
	return Reply{Form: &f}
}

// Again returns the form of the answers, filled in as it was sent, with why it
// was not taken above it: for a chat that cannot show errors at the fields any more.
func (d *Desk) Again(a Answers, r Reply) (Form, bool) {
	if a.Form != RequestForm || len(r.Errors) == 0 {
		return Form{}, false
	}
	why := ""
	for _, f := range newRequestForm(nil, engine.Draft{}, "").Fields {
		if e := r.Errors[f.Name]; e != "" {
			why += f.Label + ": " + e + " "
		}
	}
	return newRequestForm(d.engine.Providers(), engine.Draft{}, "").refilled(a.Values, why), true
}

// submitted says what became of a request that was just made.
func submitted(r engine.Request) Words {
	yours := Say("Your request ", Name(r.ID), " for ", what(r.Target))
	switch {
	case r.State == engine.Pending:
		ws := append(yours, Say(" waits for approval")...)
		if can := append(append([]string(nil), r.Terms.ApproverGroups...), r.Terms.Approvers...); len(can) > 0 {
			ws = append(append(ws, Say(" by ")...), join(can, plain)...)
		}
		return append(ws, Say(". You will be told.")...)
	case r.BreakGlass && r.State == engine.Approved:
		return append(yours, Say(" is break-glass: it is being set up now, and an alert goes out.")...)
	case r.State == engine.Approved:
		return append(yours, Say(" is approved at once. You will be told when the access is live.")...)
	}
	return append(yours, Say(" is "+string(r.State)+".")...)
}

func (d *Desk) submitDeny(ctx context.Context, by engine.Actor, a Answers) Reply {
	var p Press
	if err := json.Unmarshal([]byte(a.Hidden), &p); err != nil || p.RequestID == "" {
		return Reply{Say: Say("That form is not one of jitsudo's. Press Deny again.")}
	}
	v := engine.Verdict{RequestID: p.RequestID, Revision: p.Revision, On: p.On, Comment: a.Values[FieldReason], Key: a.Key}
	r, err := d.engine.Deny(ctx, by, v)
	var refusal *engine.Refusal
	if errors.As(err, &refusal) && refusal.Field == FieldReason {
		return Reply{Errors: map[string]string{FieldReason: engine.Explain(err)}}
	}
	if err != nil {
		return d.sorry("deny", by, err)
	}
	return Reply{Say: Say("You denied ", Name(r.ID), ". "+r.Requester+" is told why.")}
}
