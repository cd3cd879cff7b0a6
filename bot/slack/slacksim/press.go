package slacksim

import (
	"context"
)

// Action is one press or choice, in a message or in a view.
type Action struct {
	Channel, TS string // of the message; or
	ViewID      string
	BlockID     string // may be left out where the action id is enough
	ActionID    string
	// Value is what is chosen, in the forms of Values. Nil for a button.
	Value any
	// Confirmed says that the person has already agreed to the confirm dialog.
	Confirmed bool
}

// Confirm is a dialog that Slack shows before it sends an action. It is made of the app's own words.
type Confirm struct {
	Title, Text, Yes, No string
	Action               Action // pressed again with Confirmed when the person agrees
}

// Press presses a button of a message. If the button has a confirm dialog, Seen.Confirm holds it and nothing has been
// sent: see Agree.
func (p Person) Press(ctx context.Context, channelID, ts, actionID string) (Seen, error) {
	return p.Act(ctx, Action{Channel: channelID, TS: ts, ActionID: actionID})
}

// Agree answers a confirm dialog with yes.
func (p Person) Agree(ctx context.Context, c *Confirm) (Seen, error) {
	a := c.Action
	a.Confirmed = true
	return p.Act(ctx, a)
}

// Act presses a button or changes a choice anywhere.
func (p Person) Act(ctx context.Context, a Action) (Seen, error) {
	d, seen, mark, err := p.act(a)
	if err != nil || seen.Confirm != nil {
		return seen, err
	}
	return p.wait(ctx, d, mark)
}

func (p Person) act(a Action) (*delivery, Seen, int64, error) {
	s := p.s
	u, err := p.begin()
	defer s.mu.Unlock()
	if err != nil {
		return nil, Seen{}, 0, err
	}
	o, err := p.origin(a)
	if err != nil {
		return nil, Seen{}, 0, err
	}
	e, found := findElement(o.blocks(), a.BlockID, a.ActionID)
	if !found {
		return nil, Seen{}, 0, cannot("there is no element %s", a.ActionID)
	}
	value, err := s.choose(u.ID, o, e, a.Value)
	if err != nil {
		return nil, Seen{}, 0, cannot("%s", err)
	}
	mark := s.lastTS
	if e.input && e.block["dispatch_action"] != true {
		s.touch() // the choice stays in the modal; the app is not told
		return nil, Seen{}, mark, nil
	}
	if c := confirmOf(e, a); c != nil && !a.Confirmed {
		return nil, Seen{Confirm: c}, mark, nil
	}
	d := &delivery{
		kind: "interactive", name: "block_actions " + a.ActionID, payload: s.blockActions(u, o, s.actionOf(e, value)),
	}
	s.pendAction(u.ID, o, e, d)
	return s.deliver(d), Seen{}, mark, nil
}

// origin finds what the person acts on, if they can see it.
func (p Person) origin(a Action) (origin, error) {
	s := p.s
	if a.ViewID != "" {
		v := s.views[a.ViewID]
		if v == nil || v.user != p.id {
			return origin{}, cannot("%s does not have the view %s open", p.id, a.ViewID)
		}
		return origin{view: v}, nil
	}
	in, err := p.in(a.Channel)
	if err != nil {
		return origin{}, err
	}
	m := in.visible(a.TS, p.id)
	if m == nil {
		return origin{}, cannot("%s sees no message %s in %s", p.id, a.TS, in.ID)
	}
	return origin{channel: in, message: m}, nil
}

// choose records a choice and returns its value object; nil for a button.
func (s *Server) choose(u UserID, o origin, e element, given any) (obj, error) {
	if kind := e.text("type"); kind == "overflow" {
		text, _ := given.(string)
		option, _ := findOption(e, text, nil)
		return obj{"selected_option": option}, nil
	}
	if _, _, stateful := slot(e); !stateful {
		return nil, nil
	}
	v, err := chosen(e, given, s.offered(u, o, e))
	if err != nil {
		return nil, err
	}
	s.picks[pickKey(u, o, e.blockID(), e.text("action_id"))] = v
	if o.view != nil {
		o.view.values[e.blockID()][e.text("action_id")] = v
	}
	return v, nil
}

func confirmOf(e element, a Action) *Confirm {
	raw, _ := e.raw["confirm"].(obj)
	if raw == nil {
		return nil
	}
	c := &Confirm{Title: textOf(raw["title"]), Text: textOf(raw["text"]), Yes: textOf(raw["confirm"]), No: textOf(raw["deny"]), Action: a}
	c.Action.BlockID = e.blockID()
	return c
}

func textOf(v any) string {
	o, _ := v.(obj)
	t, _ := o["text"].(string)
	return t
}

// pendAction marks an element as waiting until its delivery ends; a failure is shown as a warning.
func (s *Server) pendAction(u UserID, o origin, e element, d *delivery) {
	key := pickKey(u, o, "pending", e.text("action_id"))
	s.picks[key] = obj{}
	d.onEnd = func(_ obj, code string) {
		delete(s.picks, key)
		if code == "" {
			return
		}
		ts := ""
		if o.message != nil {
			ts = o.message.TS
		}
		s.warn(u, o.channel, Warning{Code: code, Text: "The app did not answer. Try again.", MessageTS: ts})
	}
}

// Suggest types into a menu whose options come from the app, and returns what it offers.
func (p Person) Suggest(ctx context.Context, a Action, query string) (Seen, error) {
	d, offer, err := p.suggest(a, query)
	if err != nil {
		return Seen{}, err
	}
	seen, err := p.wait(ctx, d, 0)
	seen.Ephemerals = nil
	if err == nil {
		p.s.mu.Lock()
		defer p.s.mu.Unlock()
		for _, raw := range optionsOf(*offer) {
			option, _ := raw.(obj)
			value, _ := option["value"].(string)
			seen.Options = append(seen.Options, Option{Text: textOf(option["text"]), Value: value})
		}
	}
	return seen, err
}

func (p Person) suggest(a Action, query string) (*delivery, *obj, error) {
	s := p.s
	u, err := p.begin()
	defer s.mu.Unlock()
	if err != nil {
		return nil, nil, err
	}
	o, err := p.origin(a)
	if err != nil {
		return nil, nil, err
	}
	e, found := findElement(o.blocks(), a.BlockID, a.ActionID)
	if !found || (e.text("type") != "external_select" && e.text("type") != "multi_external_select") {
		return nil, nil, cannot("%s is not a menu that asks the app", a.ActionID)
	}
	least := 3
	if n, set := e.raw["min_query_length"].(float64); set {
		least = int(n)
	}
	offer := &obj{}
	if len([]rune(query)) < least {
		return nil, offer, nil
	}
	pay := s.interaction("block_suggestion", u)
	s.locate(pay, o)
	pay["action_id"], pay["block_id"], pay["value"] = a.ActionID, e.blockID(), query
	d := &delivery{kind: "interactive", name: "block_suggestion", accepts: true, payload: pay}
	d.onEnd = func(ack obj, code string) {
		if code == "" && s.checkOffer(ack) {
			*offer = ack
			s.picks[pickKey(u.ID, o, "offer "+e.blockID(), a.ActionID)] = ack
		}
	}
	return s.deliver(d), offer, nil
}

// offered are the options that the app named for this menu last.
func (s *Server) offered(u UserID, o origin, e element) []any {
	return optionsOf(s.picks[pickKey(u, o, "offer "+e.blockID(), e.text("action_id"))])
}
