package slacksim

import (
	"fmt"
	"strings"
)

// origin is where a person acts: a message, or a view.
type origin struct {
	channel *channel
	message *Message
	view    *view
}

func (o origin) blocks() []any {
	if o.view != nil {
		return o.view.blocks()
	}
	return o.message.Blocks
}

func (s *Server) wireActor(u *User) obj {
	return obj{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID}
}

// interaction is what every interactive payload carries. The lock is held.
func (s *Server) interaction(kind string, u *User) obj {
	return obj{
		"type": kind, "user": s.wireActor(u), "api_app_id": s.opts.App.ID, "token": "sim",
		"team": obj{"id": s.opts.Team.ID, "domain": s.opts.Team.Domain}, "enterprise": nil, "is_enterprise_install": false,
	}
}

// locate adds where the interaction happened. An ephemeral message is not shown to the app again.
func (s *Server) locate(p obj, o origin) {
	if o.view != nil {
		p["container"] = obj{"type": "view", "view_id": o.view.id}
		p["view"] = s.wireView(o.view)
		return
	}
	m := o.message
	container := obj{
		"type": "message", "message_ts": m.TS, "channel_id": o.channel.ID, "is_ephemeral": m.EphemeralTo != "",
	}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	p["container"] = container
	p["channel"] = obj{"id": o.channel.ID, "name": o.channel.wireName()}
	if m.EphemeralTo == "" {
		p["message"] = s.wireMessage(m)
	}
}

func (c *channel) wireName() string {
	switch {
	case c.isIM():
		return "directmessage"
	case c.Private:
		return "privategroup"
	}
	return c.Name
}

// blockActions is the payload of a pressed button or a changed choice. The lock is held.
func (s *Server) blockActions(u *User, o origin, action obj) obj {
	p := s.interaction("block_actions", u)
	s.locate(p, o)
	p["trigger_id"] = s.newTrigger(u.ID)
	p["actions"] = []any{action}
	if o.view == nil {
		p["state"] = obj{"values": s.messageState(u.ID, o)}
		p["response_url"] = s.newHook("actions", u.ID, o.channel, o.message)
	}
	return p
}

// messageState is the state of a message's inputs as one person has set them.
func (s *Server) messageState(u UserID, o origin) obj {
	out := obj{}
	for block, actions := range initialValues(o.blocks()) {
		for action := range actions {
			if v := s.picks[pickKey(u, o, block, action)]; v != nil {
				actions[action] = v
			}
		}
		out[block] = actions
	}
	return out
}

func pickKey(u UserID, o origin, block, action string) string {
	place := ""
	if o.message != nil {
		place = o.channel.ID + "/" + o.message.TS
	} else if o.view != nil {
		place = o.view.id
	}
	return strings.Join([]string{u, place, block, action}, "/")
}

// actionOf describes what was pressed. chosen is the new value of an element that has one.
func (s *Server) actionOf(e element, chosen obj) obj {
	a := obj{
		"type": e.text("type"), "action_id": e.text("action_id"), "block_id": e.blockID(),
		"action_ts": formatTS(s.now().UnixMicro()),
	}
	for _, k := range []string{"text", "value", "style", "url"} {
		if v := e.raw[k]; v != nil && e.text("type") == "button" {
			a[k] = v
		}
	}
	for k, v := range chosen {
		a[k] = v
	}
	return a
}

// slashPayload is the flat payload of a slash command. The lock is held.
func (s *Server) slashPayload(u *User, in *channel, cmd Command, text string) obj {
	if cmd.ShouldEscape {
		text = s.escapeTyped(text, true)
	}
	p := obj{
		"token": "sim", "team_id": s.opts.Team.ID, "team_domain": s.opts.Team.Domain, "channel_id": in.ID,
		"channel_name": in.wireName(), "user_id": u.ID, "user_name": u.Name, "command": cmd.Name, "text": text,
		"api_app_id": s.opts.App.ID, "is_enterprise_install": "false",
		"response_url": s.newHook("commands", u.ID, in, nil), "trigger_id": s.newTrigger(u.ID),
	}
	return p
}

// escapeTyped does to a typed text what Slack's client does: the three entities, and mentions of known names. With
// labels, as slash commands carry them.
func (s *Server) escapeTyped(text string, labels bool) string {
	text = escapeEntities(text)
	var b strings.Builder
	for len(text) > 0 {
		i := strings.IndexAny(text, "@#")
		if i < 0 {
			b.WriteString(text)
			break
		}
		b.WriteString(text[:i])
		name := leadingName(text[i+1:])
		b.WriteString(s.mention(text[i], name, labels))
		text = text[i+1+len(name):]
	}
	return b.String()
}

func leadingName(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	})
	if end < 0 {
		end = len(s)
	}
	return strings.TrimRight(s[:end], ".-")
}

func (s *Server) mention(sign byte, name string, labels bool) string {
	plain := string(sign) + name
	form := func(id string) string {
		if labels {
			return fmt.Sprintf("<%c%s|%s>", sign, id, name)
		}
		return fmt.Sprintf("<%c%s>", sign, id)
	}
	if sign == '#' {
		for _, id := range s.order {
			if c := s.channels[id]; c.Name == name && name != "" {
				return form(id)
			}
		}
		return plain
	}
	switch name {
	case "channel", "here", "everyone":
		return "<!" + name + ">"
	}
	for _, id := range s.people {
		if s.users[id].Name == name {
			return form(id)
		}
	}
	for _, g := range s.groups {
		if g.Handle == name {
			return "<!subteam^" + g.ID + ">"
		}
	}
	return plain
}

// resolveNames is what parse=full and link_names do to a text of the app.
func (s *Server) resolveNames(text string) string {
	for _, name := range []string{"channel", "here", "everyone"} {
		text = strings.ReplaceAll(text, "@"+name, "<!"+name+">")
	}
	for _, id := range s.people {
		text = strings.ReplaceAll(text, "@"+s.users[id].Name, "<@"+id+">")
	}
	return text
}
