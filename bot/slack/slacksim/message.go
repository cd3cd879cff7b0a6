package slacksim

import (
	"slices"
)

// channel is a channel or a direct message, with all that was said in it.
type channel struct {
	Channel
	im       UserID // the other end, for a direct message with the app
	messages []*Message
}

func (c *channel) isIM() bool { return c.im != "" }

func (c *channel) has(u UserID) bool { return slices.Contains(c.Members, u) }

// Message is one message as it stands now.
type Message struct {
	Channel  string
	TS       string
	ThreadTS string // of its parent; empty or equal to TS for one that is not a reply
	User     UserID
	BotID    string // empty for a person's message
	Text     string
	Blocks   []any // as JSON values, every block with its block_id
	Metadata any
	Edited   bool
	// EphemeralTo is the one person who sees it, for an ephemeral message.
	EphemeralTo UserID
	// Pings are the people that this post notifies, each once.
	Pings      []UserID
	Reactions  []Reaction
	ReplyCount int
	LatestTS   string // of its latest reply
	Broadcast  bool   // a reply that is shown in the channel as well

}

// Reaction is an emoji below a message and who put it there.
type Reaction struct {
	Name  string
	Users []UserID
}

func (m *Message) isReply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

// copyOf is a copy for somebody outside the lock. Blocks are never changed in place, so they are shared.
func (m *Message) copyOf() Message {
	c := *m
	c.Pings = slices.Clone(m.Pings)
	c.Reactions = nil
	for _, r := range m.Reactions {
		c.Reactions = append(c.Reactions, Reaction{Name: r.Name, Users: slices.Clone(r.Users)})
	}
	return c
}

func (c *channel) message(ts string) *Message {
	for _, m := range c.messages {
		if m.TS == ts {
			return m
		}
	}
	return nil
}

// visible finds a message that the person can see.
func (c *channel) visible(ts string, to UserID) *Message {
	m := c.message(ts)
	if m == nil || !c.has(to) || (m.EphemeralTo != "" && m.EphemeralTo != to) {
		return nil
	}
	return m
}

// add puts a message into its channel, counts whom it pings and keeps its parent's reply counts. The lock is held.
func (s *Server) add(c *channel, m *Message) {
	m.Channel = c.ID
	if m.TS == "" {
		m.TS = s.newTS()
	}
	m.Pings = s.pingsOf(c, m)
	c.messages = append(c.messages, m)
	if parent := c.message(m.ThreadTS); m.isReply() && parent != nil && m.EphemeralTo == "" {
		parent.ThreadTS = parent.TS
		parent.ReplyCount++
		parent.LatestTS = m.TS
	}
	s.touch()
}

// remove takes a message away. The lock is held.
func (s *Server) remove(c *channel, m *Message) {
	c.messages = slices.DeleteFunc(c.messages, func(x *Message) bool { return x == m })
	if parent := c.message(m.ThreadTS); m.isReply() && parent != nil && m.EphemeralTo == "" {
		parent.ReplyCount--
	}
	s.touch()
}

// wire is the message as the API and payloads carry it.
func (s *Server) wireMessage(m *Message) obj {
	out := obj{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": s.opts.Team.ID}
	if m.BotID != "" {
		app := s.opts.App
		out["bot_id"], out["app_id"] = m.BotID, app.ID
		out["bot_profile"] = obj{"id": app.BotID, "app_id": app.ID, "name": app.Name, "deleted": false, "team_id": s.opts.Team.ID}
	}
	if m.Blocks != nil {
		out["blocks"] = m.Blocks
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	if m.ReplyCount > 0 {
		out["reply_count"], out["latest_reply"] = m.ReplyCount, m.LatestTS
	}
	if m.Edited {
		out["edited"] = obj{"user": m.User, "ts": m.TS}
	}
	if m.Metadata != nil {
		out["metadata"] = m.Metadata
	}
	if len(m.Reactions) > 0 {
		var rs []any
		for _, r := range m.Reactions {
			rs = append(rs, obj{"name": r.Name, "users": r.Users, "count": len(r.Users)})
		}
		out["reactions"] = rs
	}
	return out
}

// direct is the direct message between the app and a person, opened if need be. The lock is held.
func (s *Server) direct(u UserID) *channel {
	for _, id := range s.order {
		if c := s.channels[id]; c.im == u {
			return c
		}
	}
	c := &channel{Channel: Channel{ID: s.newID("D"), Private: true, Members: []UserID{u, s.opts.App.BotUser}}, im: u}
	s.channels[c.ID] = c
	s.order = append(s.order, c.ID)
	s.touch()
	return c
}
