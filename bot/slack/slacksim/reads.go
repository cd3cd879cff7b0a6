package slacksim

import (
	"slices"
)

// View is a modal or Home tab as a person has it open.
type View struct {
	ID, Type, CallbackID, PrivateMetadata, Hash string
	Title, Submit, Close                        string
	Blocks                                      []any
	Errors                                      map[string]string // by block id
	Busy                                        bool              // submitted, not yet answered
	Values                                      map[string]map[string]any
}

// Warning is a complaint of Slack's own to one person.
type Warning struct {
	ID, Code, Text     string
	Channel, MessageTS string // where it belongs, if anywhere
}

// warn shows a warning to u, in a channel if it belongs to one.
func (s *Server) warn(u UserID, in *channel, w Warning) {
	w.ID = s.newID("W")
	if in != nil {
		w.Channel = in.ID
	}
	s.warnings[u] = append(s.warnings[u], w)
	s.touch()
}

func (s *Server) viewOf(v *view) View {
	out := View{
		ID: v.id, Type: v.kind, CallbackID: v.text("callback_id"), PrivateMetadata: v.text("private_metadata"),
		Hash: v.hash, Title: textOf(v.raw["title"]), Submit: textOf(v.raw["submit"]), Close: textOf(v.raw["close"]),
		Blocks: v.blocks(), Busy: v.busy, Errors: map[string]string{}, Values: map[string]map[string]any{},
	}
	for k, t := range v.errors {
		out.Errors[k] = t
	}
	for block, actions := range v.values {
		out.Values[block] = map[string]any{}
		for action, x := range actions {
			out.Values[block][action] = x
		}
	}
	return out
}

// Messages are the messages of a channel, oldest first: no ephemeral ones, and no replies unless broadcast.
func (s *Server) Messages(channelID string) []Message {
	return s.collect(channelID, func(m *Message) bool {
		return m.EphemeralTo == "" && (!m.isReply() || m.Broadcast)
	})
}

// Thread is a message and its replies, oldest first.
func (s *Server) Thread(channelID, ts string) []Message {
	return s.collect(channelID, func(m *Message) bool {
		return m.EphemeralTo == "" && (m.TS == ts || m.ThreadTS == ts)
	})
}

// DM are the messages between the app and a person, replies included, oldest first.
func (s *Server) DM(u UserID) []Message {
	s.mu.Lock()
	id := ""
	for _, c := range s.channels {
		if c.im == u {
			id = c.ID
		}
	}
	s.mu.Unlock()
	return s.collect(id, func(m *Message) bool { return m.EphemeralTo == "" })
}

// Ephemerals are the messages that only this person sees, channel by channel.
func (s *Server) Ephemerals(u UserID) []Message {
	s.mu.Lock()
	order := slices.Clone(s.order)
	s.mu.Unlock()
	var out []Message
	for _, id := range order {
		out = append(out, s.collect(id, func(m *Message) bool { return m.EphemeralTo == u })...)
	}
	return out
}

func (s *Server) collect(channelID string, want func(*Message) bool) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	if c := s.channels[channelID]; c != nil {
		for _, m := range c.messages {
			if want(m) {
				out = append(out, m.copyOf())
			}
		}
	}
	return out
}

// Views are the modals that a person has open, the topmost last.
func (s *Server) Views(u UserID) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []View
	for _, v := range s.stacks[u] {
		out = append(out, s.viewOf(v))
	}
	return out
}

// Home is the person's Home tab; ok is false while nothing has been published.
func (s *Server) Home(u UserID) (v View, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.homes[u]
	if h == nil {
		return View{}, false
	}
	return s.viewOf(h), true
}

// Warnings are Slack's own complaints to a person that have not been dismissed.
func (s *Server) Warnings(u UserID) []Warning {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.warnings[u])
}

// Dismiss takes a warning away, or hides an ephemeral message by its ts.
func (p Person) Dismiss(id string) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.warnings[p.id] = slices.DeleteFunc(s.warnings[p.id], func(w Warning) bool { return w.ID == id })
	for _, cid := range s.order {
		c := s.channels[cid]
		if m := c.message(id); m != nil && m.EphemeralTo == p.id {
			s.remove(c, m)
		}
	}
	s.touch()
}
