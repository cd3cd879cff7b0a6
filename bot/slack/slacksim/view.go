package slacksim

import (
	"encoding/json"
	"maps"
)

const (
	maxStack = 3
	maxView  = 250_000
)

// view is a modal or a Home tab as one person has it open.
type view struct {
	id, kind, hash string
	user           UserID
	raw            obj // as the app gave it, with block ids
	root, previous string
	values         map[string]obj // what has been filled in, by block and action
	errors         map[string]string
	busy           bool
}

func (v *view) text(key string) string { t, _ := v.raw[key].(string); return t }

func (v *view) blocks() []any { b, _ := v.raw["blocks"].([]any); return b }

func (v *view) flag(key string) bool { b, _ := v.raw[key].(bool); return b }

// wireView is a view as the API and payloads carry it.
func (s *Server) wireView(v *view) obj {
	out := maps.Clone(v.raw)
	out["id"], out["team_id"], out["app_id"], out["bot_id"] = v.id, s.opts.Team.ID, s.opts.App.ID, s.opts.App.BotID
	out["app_installed_team_id"], out["hash"], out["root_view_id"] = s.opts.Team.ID, v.hash, v.root
	out["state"] = obj{"values": v.state()}
	out["previous_view_id"] = nil
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	for _, k := range []string{"private_metadata", "callback_id", "external_id"} {
		out[k] = v.text(k)
	}
	for _, k := range []string{"clear_on_close", "notify_on_close"} {
		out[k] = v.flag(k)
	}
	for _, k := range []string{"title", "submit", "close"} {
		if _, set := out[k]; !set {
			out[k] = nil
		}
	}
	return out
}

// readView checks the view of a call or of an acknowledgement. kind is modal or home.
func (s *Server) readView(raw any, kind string) (obj, *failure) {
	in, isObj := raw.(obj)
	if !isObj {
		return nil, fail("invalid_arguments", "[ERROR] missing required field: view [json-pointer:/view]")
	}
	if b, err := json.Marshal(in); err != nil || len(b) > maxView {
		return nil, fail("view_too_large")
	}
	if in["type"] != kind {
		return nil, fail("invalid_arguments", "[ERROR] unsupported type for this method [json-pointer:/view/type]")
	}
	if f := s.checkView(in); f != nil {
		return nil, f
	}
	out := maps.Clone(in)
	out["blocks"] = s.withIDs(in["blocks"].([]any))
	return out, nil
}

// externalTaken says whether another live view has the external_id of raw.
func (s *Server) externalTaken(raw obj, except *view) bool {
	id, _ := raw["external_id"].(string)
	if id == "" {
		return false
	}
	for _, v := range s.views {
		if v != except && v.text("external_id") == id {
			return true
		}
	}
	return false
}

// show puts a new modal on top of somebody's stack. The lock is held.
func (s *Server) show(u UserID, raw obj) *view {
	v := &view{id: s.newID("V"), kind: "modal", hash: s.hash(), user: u, raw: raw}
	v.root = v.id
	if stack := s.stacks[u]; len(stack) > 0 {
		v.root, v.previous = stack[0].id, stack[len(stack)-1].id
	}
	v.values = initialValues(v.blocks())
	s.views[v.id] = v
	s.stacks[u] = append(s.stacks[u], v)
	s.touch()
	return v
}

// replace gives a view new contents. What was filled in stays where block and action keep their ids. The lock is held.
func (s *Server) replace(v *view, raw obj) {
	old := v.values
	v.raw, v.hash, v.errors, v.busy = raw, s.hash(), nil, false
	v.values = initialValues(v.blocks())
	for block, actions := range old {
		for action, value := range actions {
			if _, kept := v.values[block][action]; kept {
				v.values[block][action] = value
			}
		}
	}
	s.touch()
}

// shut closes the topmost n modals of somebody. The lock is held.
func (s *Server) shut(u UserID, n int) {
	stack := s.stacks[u]
	for range min(n, len(stack)) {
		delete(s.views, stack[len(stack)-1].id)
		stack = stack[:len(stack)-1]
	}
	s.stacks[u] = stack
	s.touch()
}

func (s *Server) viewArg(c *call, kind string) (obj, *failure) {
	raw, err := c.value("view")
	if err != nil {
		return nil, fail("invalid_arguments", "[ERROR] view is not JSON [json-pointer:/view]")
	}
	return s.readView(raw, kind)
}

func (s *Server) viewsOpen(c *call) (obj, *failure) { return s.openOrPush(c, false) }

func (s *Server) viewsPush(c *call) (obj, *failure) { return s.openOrPush(c, true) }

func (s *Server) openOrPush(c *call, push bool) (obj, *failure) {
	if f := c.need("trigger_id"); f != nil {
		return nil, f
	}
	raw, f := s.viewArg(c, "modal")
	if f != nil {
		return nil, f
	}
	if s.externalTaken(raw, nil) {
		return nil, fail("duplicate_external_id")
	}
	u, f := s.redeem(c.str("trigger_id"))
	if f != nil {
		return nil, f
	}
	switch depth := len(s.stacks[u]); {
	case push && depth == 0:
		return nil, fail("not_found")
	case push && depth >= maxStack:
		return nil, fail("push_limit_reached")
	case !push: // a new stack replaces the old one
		s.shut(u, depth)
	}
	return obj{"view": s.wireView(s.show(u, raw))}, nil
}

func (s *Server) viewsUpdate(c *call) (obj, *failure) {
	v := s.views[c.str("view_id")]
	if id := c.str("external_id"); v == nil && id != "" {
		for _, x := range s.views {
			if x.text("external_id") == id {
				v = x
			}
		}
	}
	if v == nil {
		return nil, fail("not_found")
	}
	raw, f := s.viewArg(c, v.kind)
	switch h := c.str("hash"); {
	case f != nil:
		return nil, f
	case h != "" && h != v.hash:
		return nil, fail("hash_conflict")
	case s.externalTaken(raw, v):
		return nil, fail("duplicate_external_id")
	}
	s.replace(v, raw)
	return obj{"view": s.wireView(v)}, nil
}

func (s *Server) viewsPublish(c *call) (obj, *failure) {
	if f := c.need("user_id"); f != nil {
		return nil, f
	}
	u := s.users[c.str("user_id")]
	if u == nil || u.Deleted || u.IsBot {
		return nil, fail("user_not_found")
	}
	raw, f := s.viewArg(c, "home")
	if f != nil {
		return nil, f
	}
	v := s.homes[u.ID]
	if s.externalTaken(raw, v) {
		return nil, fail("duplicate_external_id")
	}
	if _, sent := c.args["hash"]; sent && (v == nil || c.str("hash") != v.hash) {
		return nil, fail("hash_conflict")
	}
	if v == nil {
		v = &view{id: s.newID("V"), kind: "home", user: u.ID}
		v.root = v.id
		s.homes[u.ID], s.views[v.id] = v, v
	}
	s.replace(v, raw)
	return obj{"view": s.wireView(v)}, nil
}
