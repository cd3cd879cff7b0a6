package slacksim

import (
	"slices"
	"strconv"
	"strings"
)

// readable finds the channel of a call that the app may look at.
func (s *Server) readable(c *call) (*channel, *failure) {
	in := s.channels[c.str("channel")]
	if in == nil || (in.Private && !in.has(s.opts.App.BotUser)) {
		return nil, fail("channel_not_found")
	}
	return in, nil
}

// read is readable with the scope that the kind of channel asks for, such as channels:read.
func (s *Server) read(c *call, verb string) (*channel, *failure) {
	if f := c.need("channel"); f != nil {
		return nil, f
	}
	in, f := s.readable(c)
	if f != nil {
		return nil, f
	}
	scope := in.scope(verb)
	if !s.hasScope(scope) {
		return nil, s.missingScope(scope)
	}
	return in, nil
}

func (c *channel) scope(verb string) string {
	switch {
	case c.isIM():
		return "im:" + verb
	case c.Private:
		return "groups:" + verb
	}
	return "channels:" + verb
}

func (s *Server) wireChannel(c *channel) obj {
	t := s.opts.Team.ID
	out := obj{
		"id": c.ID, "is_channel": !c.Private, "is_group": c.Private && !c.isIM(), "is_im": c.isIM(), "is_mpim": false,
		"is_private": c.Private, "is_archived": c.Archived, "is_general": false, "is_shared": c.ExtShared,
		"is_ext_shared": c.ExtShared, "is_org_shared": false, "is_pending_ext_shared": c.PendingExtShared,
		"context_team_id": t, "created": s.now().Unix(), "is_member": c.has(s.opts.App.BotUser),
	}
	if c.isIM() {
		out["user"], out["is_open"] = c.im, true
		return out
	}
	out["name"], out["name_normalized"], out["num_members"] = c.Name, c.Name, len(c.Members)
	teams := []string{t}
	for _, id := range c.Members {
		if u := s.users[id]; c.ExtShared && !slices.Contains(teams, u.TeamID) {
			teams = append(teams, u.TeamID)
		}
	}
	out["shared_team_ids"] = teams
	out["topic"], out["purpose"] = obj{"value": ""}, obj{"value": ""}
	return out
}

func (s *Server) conversationsOpen(c *call) (obj, *failure) {
	if c.has("channel") {
		in, f := s.readable(c)
		if f != nil {
			return nil, f
		}
		return obj{"channel": obj{"id": in.ID}, "no_op": true, "already_open": true}, nil
	}
	users := strings.Split(c.str("users"), ",")
	switch {
	case !c.has("users"):
		return nil, fail("users_list_not_supplied")
	case len(users) > 8:
		return nil, fail("too_many_users")
	case len(users) > 1: // group messages are not simulated
		return nil, fail("method_not_supported_for_channel_type")
	}
	u := s.users[strings.TrimSpace(users[0])]
	if u == nil {
		return nil, fail("user_not_found")
	}
	if f := s.reachable(u); f != nil {
		return nil, f
	}
	before := len(s.order)
	in := s.direct(u.ID)
	out := obj{"channel": obj{"id": in.ID}}
	if c.yes("return_im") {
		out["channel"] = s.wireChannel(in)
	}
	if len(s.order) == before {
		out["no_op"], out["already_open"] = true, true
	}
	return out, nil
}

func (s *Server) conversationsInfo(c *call) (obj, *failure) {
	in, f := s.read(c, "read")
	if f != nil {
		return nil, f
	}
	return obj{"channel": s.wireChannel(in)}, nil
}

func (s *Server) conversationsMembers(c *call) (obj, *failure) {
	in, f := s.read(c, "read")
	if f != nil {
		return nil, f
	}
	part, next := page(c, in.Members)
	return obj{"members": part, "response_metadata": obj{"next_cursor": next}}, nil
}

func (s *Server) conversationsList(c *call) (obj, *failure) {
	kinds := c.str("types")
	if kinds == "" {
		kinds = "public_channel"
	}
	var found []obj
	for _, id := range s.order {
		ch := s.channels[id]
		kind := "public_channel"
		switch {
		case ch.isIM():
			kind = "im"
		case ch.Private:
			kind = "private_channel"
		}
		hidden := (ch.Private && !ch.has(s.opts.App.BotUser)) || (c.yes("exclude_archived") && ch.Archived)
		if hidden || !slices.Contains(strings.Split(kinds, ","), kind) {
			continue
		}
		if scope := ch.scope("read"); !s.hasScope(scope) {
			return nil, s.missingScope(scope)
		}
		found = append(found, s.wireChannel(ch))
	}
	part, next := page(c, found)
	return obj{"channels": part, "response_metadata": obj{"next_cursor": next}}, nil
}

func (s *Server) conversationsJoin(c *call) (obj, *failure) {
	in, f := s.readable(c)
	switch {
	case f != nil:
		return nil, f
	case in.Archived:
		return nil, fail("is_archived")
	case in.Private:
		return nil, fail("method_not_supported_for_channel_type")
	}
	if !in.has(s.opts.App.BotUser) {
		in.Members = append(in.Members, s.opts.App.BotUser)
		s.tellJoined(in, s.opts.App.BotUser)
		s.touch()
	}
	return obj{"channel": s.wireChannel(in)}, nil
}

func (s *Server) conversationsHistory(c *call) (obj, *failure) {
	in, f := s.read(c, "history")
	if f != nil {
		return nil, f
	}
	if !in.has(s.opts.App.BotUser) {
		return nil, fail("not_in_channel")
	}
	var found []obj
	for _, m := range slices.Backward(in.messages) {
		if m.EphemeralTo == "" && (!m.isReply() || m.Broadcast) && within(c, m.TS) {
			found = append(found, s.wireMessage(m))
		}
	}
	part, next := page(c, found)
	return obj{"messages": part, "has_more": next != "", "response_metadata": obj{"next_cursor": next}}, nil
}

func (s *Server) conversationsReplies(c *call) (obj, *failure) {
	in, f := s.read(c, "history")
	if f != nil {
		return nil, f
	}
	if in.message(c.str("ts")) == nil {
		return nil, fail("thread_not_found")
	}
	var found []obj
	for _, m := range in.messages {
		if m.EphemeralTo == "" && (m.TS == c.str("ts") || m.ThreadTS == c.str("ts")) {
			found = append(found, s.wireMessage(m))
		}
	}
	part, next := page(c, found)
	return obj{"messages": part, "has_more": next != "", "response_metadata": obj{"next_cursor": next}}, nil
}

// within applies oldest, latest and inclusive. Timestamps have a fixed width, so they compare as text.
func within(c *call, ts string) bool {
	oldest, latest := c.str("oldest"), c.str("latest")
	if c.yes("inclusive") && (ts == oldest || ts == latest) {
		return true
	}
	return (oldest == "" || ts > oldest) && (latest == "" || ts < latest)
}

// page cuts a list by limit and cursor.
func page[T any](c *call, all []T) ([]T, string) {
	from, _ := strconv.Atoi(strings.TrimPrefix(c.str("cursor"), "next:"))
	from = min(max(from, 0), len(all))
	limit := c.num("limit", 100)
	if limit < 1 || limit > 1000 {
		limit = 100
	}
	to := min(from+limit, len(all))
	next := ""
	if to < len(all) {
		next = "next:" + strconv.Itoa(to)
	}
	return append([]T{}, all[from:to]...), next
}
