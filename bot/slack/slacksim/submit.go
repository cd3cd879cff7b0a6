package slacksim

import (
	"context"
	"unicode/utf8"
)

const trouble = "We had some trouble connecting. Try again?"

// Submit fills a modal in and presses its submit button. A required field that is empty is reported in Seen.Errors
// without the app being asked, as Slack's client does.
func (p Person) Submit(ctx context.Context, viewID string, values Values) (Seen, error) {
	d, mark, err := p.submit(viewID, values)
	if err != nil {
		return Seen{}, err
	}
	return p.wait(ctx, d, mark)
}

func (p Person) submit(viewID string, values Values) (*delivery, int64, error) {
	s := p.s
	u, err := p.begin()
	defer s.mu.Unlock()
	if err != nil {
		return nil, 0, err
	}
	stack := s.stacks[p.id]
	if len(stack) == 0 || stack[len(stack)-1].id != viewID {
		return nil, 0, cannot("%s is not the topmost modal of %s", viewID, u.Name)
	}
	v := stack[len(stack)-1]
	if v.raw["submit"] == nil {
		return nil, 0, cannot("the modal has no submit button")
	}
	if v.busy {
		return nil, 0, cannot("the modal is being submitted already")
	}
	if err := s.fill(v, values); err != nil {
		return nil, 0, err
	}
	mark := s.lastTS
	if v.errors = missing(v); len(v.errors) > 0 {
		s.touch()
		return nil, mark, nil
	}
	v.busy = true
	pay := s.interaction("view_submission", u)
	pay["view"], pay["trigger_id"], pay["response_urls"] = s.wireView(v), s.newTrigger(u.ID), []any{}
	d := &delivery{kind: "interactive", name: "view_submission " + v.text("callback_id"), accepts: true, payload: pay}
	d.onEnd = func(ack obj, code string) { s.submitted(v, ack, code) }
	return s.deliver(d), mark, nil
}

func (s *Server) fill(v *view, values Values) error {
	for block, actions := range values {
		for action, given := range actions {
			e, found := findElement(v.blocks(), block, action)
			if !found {
				return cannot("the modal has no element %s in block %s", action, block)
			}
			if given == nil {
				e.raw = withoutInitial(e.raw)
				v.values[block][action], _ = initialValue(e)
				continue
			}
			if _, err := s.choose(v.user, origin{view: v}, e, given); err != nil {
				return cannot("%s", err)
			}
		}
	}
	return nil
}

// withoutInitial is an element as it looks once it has been emptied.
func withoutInitial(raw obj) obj {
	out := obj{}
	for k, x := range raw {
		if len(k) < 8 || k[:8] != "initial_" {
			out[k] = x
		}
	}
	return out
}

// missing are the complaints that Slack's client makes by itself.
func missing(v *view) map[string]string {
	out := map[string]string{}
	for _, e := range elementsOf(v.blocks()) {
		if !e.input {
			continue
		}
		key, _, _ := slot(e)
		value, _ := v.values[e.blockID()][e.text("action_id")].(obj)
		switch x := value[key].(type) {
		case nil:
			if e.block["optional"] != true {
				out[e.blockID()] = "Please complete this required field."
			}
		case []any:
			if len(x) == 0 && e.block["optional"] != true {
				out[e.blockID()] = "Please complete this required field."
			}
		case string:
			if complaint := wrongLength(e, x); complaint != "" {
				out[e.blockID()] = complaint
			}
		}
	}
	return out
}

func wrongLength(e element, x string) string {
	if x == "" && e.block["optional"] != true {
		return "Please complete this required field."
	}
	n := utf8.RuneCountInString(x)
	if most, set := e.raw["max_length"].(float64); set && n > int(most) {
		return "This entry is too long."
	}
	if least, set := e.raw["min_length"].(float64); set && n < int(least) && n > 0 {
		return "This entry is too short."
	}
	return ""
}

// submitted does what the acknowledgement of a submission asks for. The lock is held.
func (s *Server) submitted(v *view, ack obj, code string) {
	v.busy = false
	if s.views[v.id] != v { // closed meanwhile
		return
	}
	if code != "" {
		s.warn(v.user, nil, Warning{Code: code, Text: trouble})
		return
	}
	if len(ack) == 0 {
		s.shut(v.user, s.above(v))
		return
	}
	if complaint := s.respondToSubmit(v, ack); complaint != "" {
		s.warn(v.user, nil, Warning{Code: complaint, Text: trouble})
	}
}

// above counts a modal and those on top of it.
func (s *Server) above(v *view) int {
	for i, x := range s.stacks[v.user] {
		if x == v {
			return len(s.stacks[v.user]) - i
		}
	}
	return 0
}

func (s *Server) respondToSubmit(v *view, ack obj) string {
	switch ack["response_action"] {
	case "clear":
		s.shut(v.user, len(s.stacks[v.user]))
		return ""
	case "errors":
		return s.showErrors(v, ack["errors"])
	case "update", "push":
		raw, f := s.readView(ack["view"], "modal")
		push := ack["response_action"] == "push"
		switch {
		case f != nil:
			return f.code
		case s.externalTaken(raw, v):
			return "duplicate_external_id"
		case push && len(s.stacks[v.user]) >= maxStack:
			return "push_limit_reached"
		case push:
			s.show(v.user, raw)
		default:
			s.replace(v, raw)
		}
		return ""
	}
	return "invalid_response_action"
}

// showErrors puts the app's errors below their inputs. Each key must be the block id of an input block.
func (s *Server) showErrors(v *view, raw any) string {
	given, _ := raw.(obj)
	if len(given) == 0 {
		return "invalid_errors"
	}
	inputs := map[string]bool{}
	for _, b := range v.blocks() {
		if block, _ := b.(obj); block["type"] == "input" {
			id, _ := block["block_id"].(string)
			inputs[id] = true
		}
	}
	out := map[string]string{}
	for id, text := range given {
		t, isText := text.(string)
		if !inputs[id] || !isText || t == "" {
			return "invalid_errors"
		}
		out[id] = t
	}
	v.errors = out
	s.touch()
	return ""
}

// Close closes a modal, or with clear all of them. The app is told where the view asked for it.
func (p Person) Close(ctx context.Context, viewID string) (Seen, error) {
	d, mark, err := p.close(viewID)
	if err != nil {
		return Seen{}, err
	}
	return p.wait(ctx, d, mark)
}

func (p Person) close(viewID string) (*delivery, int64, error) {
	s := p.s
	u, err := p.begin()
	defer s.mu.Unlock()
	if err != nil {
		return nil, 0, err
	}
	v := s.views[viewID]
	if v == nil || v.user != p.id || v.kind != "modal" {
		return nil, 0, cannot("%s has no modal %s open", u.Name, viewID)
	}
	n, mark := s.above(v), s.lastTS
	cleared := v.flag("clear_on_close")
	if cleared {
		n = len(s.stacks[p.id])
	}
	wire := s.wireView(v)
	s.shut(p.id, n)
	if !v.flag("notify_on_close") {
		return nil, mark, nil
	}
	pay := s.interaction("view_closed", u)
	pay["view"], pay["is_cleared"] = wire, cleared
	return s.deliver(&delivery{kind: "interactive", name: "view_closed", payload: pay}), mark, nil
}
