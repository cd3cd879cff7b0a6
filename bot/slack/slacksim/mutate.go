package slacksim

import (
	"fmt"
	"slices"
)

// User is an account as it stands now.
func (s *Server) User(id UserID) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[id]
	if u == nil {
		return User{}, false
	}
	return *u, true
}

// ChangeUser changes an account in place, for instance to deactivate it, and tells the app where it has subscribed to that.
func (s *Server) ChangeUser(id UserID, change func(*User)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[id]
	if u == nil {
		return fmt.Errorf("slack simulator: there is no user %s", id)
	}
	change(u)
	u.ID = id
	s.tell("user_change", nil, obj{"type": "user_change", "user": s.wireUser(u), "cache_ts": s.now().Unix()})
	s.touch()
	return nil
}

// Deactivate ends somebody's account.
func (s *Server) Deactivate(id UserID) error {
	return s.ChangeUser(id, func(u *User) { u.Deleted = true })
}

// FailUserInfo makes users.info answer an error for a person, such as "internal_error"; an empty code heals it.
func (s *Server) FailUserInfo(id UserID, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing[id] = code
}

// AddMember lets somebody join a channel.
func (s *Server) AddMember(channelID string, id UserID) error {
	return s.changeChannel(channelID, func(c *channel) {
		if s.users[id] != nil && !c.has(id) {
			c.Members = append(c.Members, id)
			s.tellJoined(c, id)
		}
	})
}

// RemoveMember takes somebody out of a channel.
func (s *Server) RemoveMember(channelID string, id UserID) error {
	return s.changeChannel(channelID, func(c *channel) {
		c.Members = slices.DeleteFunc(c.Members, func(m UserID) bool { return m == id })
	})
}

// ShareExternally shares a channel with another company, or ends that.
func (s *Server) ShareExternally(channelID string, shared bool) error {
	return s.changeChannel(channelID, func(c *channel) { c.ExtShared = shared })
}

// Archive archives a channel, or takes it out of the archive.
func (s *Server) Archive(channelID string, archived bool) error {
	return s.changeChannel(channelID, func(c *channel) { c.Archived = archived })
}

func (s *Server) changeChannel(id string, change func(*channel)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[id]
	if c == nil {
		return fmt.Errorf("slack simulator: there is no channel %s", id)
	}
	change(c)
	s.touch()
	return nil
}

// SetUsergroup changes who is in a user group, and tells the app.
func (s *Server) SetUsergroup(id string, members []UserID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.usergroup(id)
	if g == nil {
		return fmt.Errorf("slack simulator: there is no user group %s", id)
	}
	g.Members = slices.Clone(members)
	s.tell("subteam_members_changed", nil, obj{
		"type": "subteam_members_changed", "subteam_id": id, "team_id": s.opts.Team.ID, "users": g.Members,
	})
	s.touch()
	return nil
}

// SetScopes replaces the scopes of the bot token.
func (s *Server) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.App.Scopes = slices.Clone(scopes)
}

// Scopes are the scopes of the bot token.
func (s *Server) Scopes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.opts.App.Scopes)
}

// RevokeTokens makes every call answer token_revoked, or ends that.
func (s *Server) RevokeTokens(revoked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = revoked
}
