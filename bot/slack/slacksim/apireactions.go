package slacksim

import (
	"regexp"
	"slices"
)

const maxReactions = 23

func validEmoji(name string) bool {
	ok, err := regexp.MatchString(`^[a-z0-9_+'\-]{1,100}(::skin-tone-[2-6])?$`, name)
	return err == nil && ok
}

// reacted finds the message of a reaction call.
func (s *Server) reacted(c *call) (*Message, *failure) {
	if f := c.need("channel", "timestamp", "name"); f != nil {
		return nil, f
	}
	in, f := s.readable(c)
	if f != nil {
		return nil, f
	}
	if !validEmoji(c.str("name")) {
		return nil, fail("invalid_name")
	}
	m := in.message(c.str("timestamp"))
	if m == nil || m.EphemeralTo != "" {
		return nil, fail("message_not_found")
	}
	return m, nil
}

func (s *Server) reactionsAdd(c *call) (obj, *failure) {
	m, f := s.reacted(c)
	if f != nil {
		return nil, f
	}
	return obj{}, s.react(m, c.str("name"), s.opts.App.BotUser)
}

func (s *Server) reactionsRemove(c *call) (obj, *failure) {
	m, f := s.reacted(c)
	if f != nil {
		return nil, f
	}
	return obj{}, s.unreact(m, c.str("name"), s.opts.App.BotUser)
}

// react adds somebody's reaction. The lock is held.
func (s *Server) react(m *Message, name string, who UserID) *failure {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	switch {
	case i >= 0 && slices.Contains(m.Reactions[i].Users, who):
		return fail("already_reacted")
	case i >= 0:
		m.Reactions[i].Users = append(m.Reactions[i].Users, who)
	case len(m.Reactions) >= maxReactions:
		return fail("too_many_reactions")
	default:
		m.Reactions = append(m.Reactions, Reaction{Name: name, Users: []UserID{who}})
	}
	s.touch()
	return nil
}

// unreact takes somebody's reaction away. The lock is held.
func (s *Server) unreact(m *Message, name string, who UserID) *failure {
	for i := range m.Reactions {
		r := &m.Reactions[i]
		if r.Name != name || !slices.Contains(r.Users, who) {
			continue
		}
		r.Users = slices.DeleteFunc(r.Users, func(u UserID) bool { return u == who })
		if len(r.Users) == 0 {
			m.Reactions = slices.Delete(m.Reactions, i, i+1)
		}
		s.touch()
		return nil
	}
	return fail("no_reaction")
}
