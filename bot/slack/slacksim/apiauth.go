package slacksim

import "strings"

func (s *Server) authTest(*call) (obj, *failure) {
	t, app := s.opts.Team, s.opts.App
	return obj{
		"url": "https://" + t.Domain + ".slack.com/", "team": t.Name, "team_id": t.ID, "user": s.users[app.BotUser].Name,
		"user_id": app.BotUser, "bot_id": app.BotID, "is_enterprise_install": false,
	}, nil
}

func (s *Server) teamInfo(*call) (obj, *failure) {
	t := s.opts.Team
	return obj{"team": obj{"id": t.ID, "name": t.Name, "domain": t.Domain, "email_domain": "", "icon": obj{}}}, nil
}

func (s *Server) botsInfo(c *call) (obj, *failure) {
	app := s.opts.App
	if id := c.str("bot"); id != "" && id != app.BotID {
		return nil, fail("bot_not_found")
	}
	return obj{"bot": obj{"id": app.BotID, "app_id": app.ID, "user_id": app.BotUser, "name": app.Name, "deleted": false, "icons": obj{}}}, nil
}

func (s *Server) connectionsOpen(c *call) (obj, *failure) {
	if !c.headerToken || !c.post {
		return nil, fail("insecure_request")
	}
	if s.linkDisabled {
		return nil, fail("forbidden_team")
	}
	if s.opts.PublicURL == "" {
		s.base = "http://" + c.host
	}
	ticket := s.uuid()
	s.tickets[ticket] = s.now()
	ws := "ws" + strings.TrimPrefix(s.base, "http")
	return obj{"url": ws + "/link/?ticket=" + ticket + "&app_id=" + s.secret(16)}, nil
}

func (s *Server) chatPermalink(c *call) (obj, *failure) {
	if f := c.need("channel", "message_ts"); f != nil {
		return nil, f
	}
	in, f := s.readable(c)
	if f != nil {
		return nil, f
	}
	m := in.message(c.str("message_ts"))
	if m == nil || m.EphemeralTo != "" {
		return nil, fail("message_not_found")
	}
	link := "https://" + s.opts.Team.Domain + ".slack.com/archives/" + in.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.isReply() {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + in.ID
	}
	return obj{"channel": in.ID, "permalink": link}, nil
}
