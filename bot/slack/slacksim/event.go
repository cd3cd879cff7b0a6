package slacksim

import (
	"slices"
	"time"
)

// tell delivers an event that the app has subscribed to, and again when it is not acknowledged. The lock is held.
func (s *Server) tell(subscription string, in *channel, event obj) {
	if !slices.Contains(s.opts.App.Events, subscription) {
		return
	}
	app := s.opts.App
	if _, set := event["event_ts"]; !set {
		event["event_ts"] = formatTS(s.now().UnixMicro())
	}
	body := obj{
		"token": "sim", "team_id": s.opts.Team.ID, "api_app_id": app.ID, "type": "event_callback", "event": event,
		"event_id": s.newID("Ev"), "event_time": s.now().Unix(), "is_ext_shared_channel": in != nil && in.ExtShared,
		"authorizations": []any{obj{
			"enterprise_id": nil, "team_id": s.opts.Team.ID, "user_id": app.BotUser, "is_bot": true, "is_enterprise_install": false,
		}},
		"event_context": s.uuid(),
	}
	s.attempt(body, 0, "")
}

func (s *Server) attempt(body obj, n int, reason string) {
	event, _ := body["event"].(obj)
	name, _ := event["type"].(string)
	d := &delivery{
		kind: "events_api", name: name, payload: body, extra: obj{"retry_attempt": n, "retry_reason": reason},
	}
	d.onEnd = func(_ obj, code string) {
		if code == "" || n >= len(s.opts.Timing.EventRetries) || s.closed {
			return
		}
		why := "timeout"
		if code == "dispatch_failed" {
			why = "connection_failed"
		}
		wait := max(s.opts.Timing.EventRetries[n], time.Millisecond)
		s.after(wait, func() { s.attempt(body, n+1, why) })
	}
	s.deliver(d)
}

// tellMessage delivers the events that a new message causes. The lock is held.
func (s *Server) tellMessage(in *channel, m *Message) {
	e := s.wireMessage(m)
	e["channel"], e["event_ts"] = in.ID, m.TS
	if in.isIM() {
		e["channel_type"] = "im"
		s.tell("message.im", in, e)
		return
	}
	if m.BotID == "" && in.has(s.opts.App.BotUser) && s.mentions(m, s.opts.App.BotUser) {
		e["type"] = "app_mention"
		s.tell("app_mention", in, e)
	}
}

// tellEdited delivers message_changed for a direct message. The lock is held.
func (s *Server) tellEdited(in *channel, m *Message) {
	if in.isIM() {
		s.tell("message.im", in, obj{
			"type": "message", "subtype": "message_changed", "hidden": true, "channel": in.ID, "channel_type": "im",
			"ts": s.newTS(), "message": s.wireMessage(m),
		})
	}
}

func (s *Server) tellJoined(in *channel, who UserID) {
	kind := "C"
	if in.Private {
		kind = "G"
	}
	s.tell("member_joined_channel", in, obj{
		"type": "member_joined_channel", "user": who, "channel": in.ID, "channel_type": kind, "team": s.opts.Team.ID,
	})
}

// tellHome delivers app_home_opened. The lock is held.
func (s *Server) tellHome(who UserID, tab string) {
	e := obj{"type": "app_home_opened", "user": who, "channel": s.direct(who).ID, "tab": tab}
	if v := s.homes[who]; v != nil && tab == "home" {
		e["view"] = s.wireView(v)
	}
	s.tell("app_home_opened", nil, e)
}
