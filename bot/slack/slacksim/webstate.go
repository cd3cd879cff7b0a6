package slacksim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// homeID is the place in the left column where the app's Home tab is.
func (s *Server) homeID() string { return "HOME-" + s.opts.App.ID }

func (s *Server) serveState(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	me := s.actor(r.URL.Query().Get("as"))
	if me == nil {
		s.mu.Unlock()
		http.Error(w, "There is no such person in this workspace.", http.StatusNotFound)
		return
	}
	body, err := json.Marshal(s.stateOf(me))
	s.mu.Unlock()
	if err != nil {
		http.Error(w, "The state cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(body)
}

// actor is the person called id, or the first human where id is empty.
func (s *Server) actor(id string) *User {
	if id != "" {
		return s.users[id]
	}
	for _, p := range s.people {
		if u := s.users[p]; !u.IsBot && !u.Deleted {
			return u
		}
	}
	return nil
}

func (s *Server) stateOf(me *User) obj {
	if !me.IsBot && !me.IsStranger && !me.Deleted {
		s.direct(me.ID)
	}
	t := s.opts.Team
	out := obj{
		"me": me.ID, "team": obj{"id": t.ID, "name": t.Name, "domain": t.Domain}, "people": s.statePeople(),
		"channels": s.stateChannels(me), "views": s.stateViews(me), "home": nil, "warnings": s.stateWarnings(me),
		"panels": s.statePanels(), "typing": []any{}, "version": s.version, "commands": s.stateCommands(),
	}
	if h := s.homes[me.ID]; h != nil {
		out["home"] = s.stateView(h)
	}
	messages, threads := obj{}, obj{}
	for _, id := range s.order {
		if c := s.channels[id]; c.has(me.ID) {
			messages[id], threads[id] = s.stateMessages(c, me)
		}
	}
	out["messages"], out["threads"] = messages, threads
	return out
}

func (s *Server) statePeople() []any {
	out := []any{}
	for i, id := range s.people {
		u := s.users[id]
		flags := []string{}
		for _, f := range []struct {
			set  bool
			name string
		}{
			{u.Deleted, "deleted"}, {u.IsBot, "bot"}, {u.IsUltraRestricted, "single_channel_guest"},
			{u.IsRestricted && !u.IsUltraRestricted, "guest"}, {u.IsStranger, "stranger"}, {u.IsInvited, "invited"},
			{u.EmailUnconfirmed, "email_unconfirmed"},
		} {
			if f.set {
				flags = append(flags, f.name)
			}
		}
		out = append(out, obj{
			"id": u.ID, "name": u.Name, "real_name": u.RealName, "email": u.Email, "title": u.Title, "flags": flags,
			"color": colours()[i%len(colours())], "initials": initials(u),
		})
	}
	return out
}

func colours() []string {
	return []string{"#3b6ea5", "#2f7d5b", "#a3552b", "#7b4b94", "#8a6d1a", "#37474f", "#a03a5a", "#4a5bb0"}
}

func initials(u *User) string {
	out := ""
	for _, part := range strings.Fields(u.RealName + " ") {
		if len(out) < 2 {
			out += strings.ToUpper(string([]rune(part)[:1]))
		}
	}
	if out == "" && u.Name != "" {
		out = strings.ToUpper(string([]rune(u.Name)[:1]))
	}
	return out
}

func (s *Server) stateChannels(me *User) []any {
	out := []any{}
	for _, id := range s.order {
		c := s.channels[id]
		if !c.has(me.ID) {
			continue
		}
		entry := obj{"id": c.ID, "name": c.Name, "kind": "channel", "shared": c.ExtShared, "member": true, "unread": unread(c, me.ID)}
		switch {
		case c.isIM():
			entry["kind"], entry["with"], entry["name"] = "im", s.opts.App.BotUser, s.opts.App.Name
			if me.ID == s.opts.App.BotUser {
				entry["with"], entry["name"] = c.im, s.users[c.im].Name
			}
		case c.Private:
			entry["kind"] = "private"
		}
		out = append(out, entry)
	}
	if !me.IsBot && !me.IsStranger {
		out = append(out, obj{
			"id": s.homeID(), "name": s.opts.App.Name, "kind": "home", "shared": false, "member": true, "unread": 0,
			"with": s.opts.App.BotUser,
		})
	}
	return out
}

func unread(c *channel, me UserID) int {
	n := 0
	for _, m := range c.messages {
		if m.User != me && m.EphemeralTo == "" && !m.isReply() {
			n++
		}
	}
	return n
}

// stateMessages are what one person sees of a channel: its own messages, and every thread by its parent's ts.
func (s *Server) stateMessages(c *channel, me *User) ([]any, obj) {
	top, threads := []any{}, obj{}
	for _, m := range c.messages {
		if m.EphemeralTo != "" && m.EphemeralTo != me.ID {
			continue
		}
		shown := s.stateMessage(c, m, me)
		if m.ThreadTS != "" {
			list, _ := threads[m.ThreadTS].([]any)
			threads[m.ThreadTS] = append(list, shown)
		}
		if !m.isReply() || m.Broadcast {
			top = append(top, shown)
		}
	}
	return top, threads
}

func (s *Server) stateMessage(c *channel, m *Message, me *User) obj {
	out := obj{
		"ts": m.TS, "text_html": renderMrkdwn(s, m.Text), "blocks": []any{}, "edited": m.Edited, "reply_count": m.ReplyCount,
		"latest_reply": m.LatestTS, "ephemeral": m.EphemeralTo != "", "pings": len(m.Pings), "reactions": stateReactions(m, me.ID),
		"pending": s.pending(me.ID, origin{channel: c, message: m}),
	}
	if m.Blocks != nil {
		out["blocks"] = s.withHTML(m.Blocks)
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	if m.BotID != "" {
		out["bot"] = obj{"id": m.User, "name": s.opts.App.Name, "icon": ""}
	} else {
		out["user"] = m.User
	}
	return out
}

func stateReactions(m *Message, me UserID) []any {
	out := []any{}
	for _, r := range m.Reactions {
		out = append(out, obj{"name": r.Name, "count": len(r.Users), "me": slices.Contains(r.Users, me)})
	}
	return out
}

// pending are the elements that this person has pressed and the app has not acknowledged.
func (s *Server) pending(me UserID, o origin) []string {
	out := []string{}
	for _, e := range elementsOf(o.blocks()) {
		if s.picks[pickKey(me, o, "pending", e.text("action_id"))] != nil {
			out = append(out, e.text("action_id"))
		}
	}
	return out
}

func (s *Server) stateViews(me *User) []any {
	out := []any{}
	for _, v := range s.stacks[me.ID] {
		out = append(out, s.stateView(v))
	}
	return out
}

func (s *Server) stateView(v *view) obj {
	out, _ := s.withHTML(v.raw).(obj)
	out["id"], out["callback_id"], out["busy"], out["state_values"] = v.id, v.text("callback_id"), v.busy, v.state()
	out["errors"] = map[string]string{}
	if v.errors != nil {
		out["errors"] = v.errors
	}
	out["pending"] = s.pending(v.user, origin{view: v})
	return out
}

func (s *Server) stateWarnings(me *User) []any {
	out := []any{}
	for _, w := range s.warnings[me.ID] {
		entry := obj{"id": w.ID, "text": w.Text, "code": w.Code}
		if w.Channel != "" {
			entry["channel"] = w.Channel
		}
		if w.MessageTS != "" {
			entry["message_ts"] = w.MessageTS
		}
		out = append(out, entry)
	}
	return out
}

func (s *Server) statePanels() []any {
	out := []any{}
	for i, p := range s.opts.Panels {
		out = append(out, obj{"title": p.Title, "url": "/panel/" + strconv.Itoa(i) + "/"})
	}
	return out
}

func (s *Server) stateCommands() []any {
	out := []any{}
	for _, c := range s.opts.App.Commands {
		out = append(out, obj{"name": c.Name, "usage_hint": c.UsageHint})
	}
	return out
}

// serveEvents tells a page at once, and after every change, which version the state has.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	for {
		s.mu.Lock()
		ch, version, closed := s.changed, s.version, s.closed
		s.mu.Unlock()
		if closed {
			return
		}
		if _, err := fmt.Fprintf(w, "event: changed\ndata: %d\n\n", version); err != nil {
			return
		}
		if err := flush.Flush(); err != nil {
			return
		}
		select {
		case <-ch:
		case <-r.Context().Done():
			return
		}
	}
}
