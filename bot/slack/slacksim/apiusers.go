package slacksim

import "strings"

func (s *Server) wireUser(u *User) obj {
	profile := obj{
		"real_name": u.RealName, "display_name": u.Name, "real_name_normalized": u.RealName,
		"display_name_normalized": u.Name, "title": u.Title, "team": u.TeamID,
	}
	if u.Email != "" && s.hasScope("users:read.email") && !u.IsStranger {
		profile["email"] = u.Email
	}
	out := obj{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted, "profile": profile,
		"tz": "Etc/UTC", "tz_offset": 0, "is_bot": u.IsBot, "is_app_user": u.IsAppUser, "updated": s.now().Unix(),
	}
	if u.Deleted { // Slack leaves the other flags out
		return out
	}
	out["is_admin"], out["is_owner"], out["is_primary_owner"] = false, false, false
	out["is_restricted"], out["is_ultra_restricted"] = u.IsRestricted || u.IsUltraRestricted, u.IsUltraRestricted
	out["is_email_confirmed"] = !u.EmailUnconfirmed && !u.IsInvited
	optional := map[string]bool{
		"is_stranger": u.IsStranger, "is_invited_user": u.IsInvited, "is_workflow_bot": u.IsWorkflowBot,
		"is_connector_bot": u.IsConnectorBot,
	}
	for k, v := range optional {
		if v {
			out[k] = true
		}
	}
	return out
}

func (s *Server) usersInfo(c *call) (obj, *failure) {
	if code := s.failing[c.str("user")]; code != "" {
		return nil, fail(code)
	}
	u := s.users[c.str("user")]
	if u == nil {
		return nil, fail("user_not_found")
	}
	return obj{"user": s.wireUser(u)}, nil
}

func (s *Server) usersList(c *call) (obj, *failure) {
	var all []obj
	for _, id := range s.people {
		all = append(all, s.wireUser(s.users[id]))
	}
	part, next := page(c, all)
	return obj{"members": part, "cache_ts": s.now().Unix(), "response_metadata": obj{"next_cursor": next}}, nil
}

func (s *Server) usersByEmail(c *call) (obj, *failure) {
	if f := c.need("email"); f != nil {
		return nil, f
	}
	for _, id := range s.people {
		u := s.users[id]
		if strings.EqualFold(u.Email, c.str("email")) && !u.Deleted && !u.IsStranger {
			return obj{"user": s.wireUser(u)}, nil
		}
	}
	return nil, fail("users_not_found")
}

func (s *Server) usergroupsList(c *call) (obj, *failure) {
	all := []obj{}
	for _, g := range s.groups {
		if g.Disabled && !c.yes("include_disabled") {
			continue
		}
		w := obj{
			"id": g.ID, "team_id": s.opts.Team.ID, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
			"is_external": false, "date_delete": 0, "prefs": obj{"channels": []string{}, "groups": []string{}},
		}
		if g.Disabled {
			w["date_delete"] = 1
		}
		if c.yes("include_users") {
			w["users"] = g.Members
		}
		if c.yes("include_count") {
			w["user_count"] = len(g.Members)
		}
		all = append(all, w)
	}
	return obj{"usergroups": all}, nil
}

func (s *Server) usergroup(id string) *Usergroup {
	for _, g := range s.groups {
		if g.ID == id {
			return g
		}
	}
	return nil
}

func (s *Server) usergroupsUsers(c *call) (obj, *failure) {
	if f := c.need("usergroup"); f != nil {
		return nil, f
	}
	g := s.usergroup(c.str("usergroup"))
	if g == nil || (g.Disabled && !c.yes("include_disabled")) {
		return nil, fail("no_such_subteam")
	}
	return obj{"users": append([]UserID{}, g.Members...)}, nil
}
