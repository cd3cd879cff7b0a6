package slacksim

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

const maxHookUses = 5

// hook is a response URL: for half an hour, whoever holds it may answer five times where it came from.
type hook struct {
	user    UserID
	channel *channel
	ts      string // of the message it came from; empty for a slash command
	thread  string
	uses    int
	expires time.Time
}

// newHook issues a response URL. kind is "commands" or "actions". The lock is held.
func (s *Server) newHook(kind string, u UserID, in *channel, from *Message) string {
	h := &hook{user: u, channel: in, expires: s.now().Add(s.opts.Timing.ResponseURL)}
	if from != nil {
		h.ts = from.TS
		if from.isReply() || from.ReplyCount > 0 {
			h.thread = from.ThreadTS
		}
	}
	path := "/hooks/" + kind + "/" + s.opts.Team.ID + "/" + s.letters(12, "0123456789") + "/" + s.secret(24)
	s.hooks[path] = h
	return s.base + path
}

func (s *Server) serveHook(w http.ResponseWriter, r *http.Request) {
	if s.applyFault(w, r, s.apiFault("response_url")) {
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	args := obj{}
	if err == nil {
		err = json.Unmarshal(body, &args)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var code string
	if err != nil {
		code = "invalid_payload"
	} else {
		code = s.useHook(r.URL.Path, &call{args: args})
	}
	s.record(Exchange{Kind: "hook", Name: "response_url", Request: args, Problem: code})
	if code == "" {
		_, _ = io.WriteString(w, "ok")
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(hookStatus(code))
	_ = json.NewEncoder(w).Encode(obj{"ok": false, "error": code})
}

func hookStatus(code string) int {
	if strings.HasSuffix(code, "_url") {
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

// useHook does what a post to a response URL asks for. The lock is held.
func (s *Server) useHook(path string, c *call) string {
	h := s.hooks[path]
	switch {
	case h == nil:
		return "invalid_url"
	case h.uses >= maxHookUses:
		return "used_url"
	case s.now().After(h.expires):
		return "expired_url"
	}
	h.uses++
	return s.respond(h, c)
}

func (s *Server) respond(h *hook, c *call) string {
	original := h.channel.message(h.ts)
	if c.yes("delete_original") {
		if original == nil {
			return "message_not_found"
		}
		s.remove(h.channel, original)
		return ""
	}
	said, f := s.readContent(c)
	if f != nil {
		return f.code
	}
	if c.yes("replace_original") && original != nil {
		original.Text, original.Blocks, original.Edited = said.text, said.blocks, true
		original.Pings = s.pingsOf(h.channel, original)
		s.touch()
		return ""
	}
	m := s.answer(h, said, c.str("response_type"))
	if t := c.str("thread_ts"); t != "" {
		m.ThreadTS = t
	}
	s.add(h.channel, m)
	return ""
}

// answer is the message that a response URL or the acknowledgement of a slash command asks for.
func (s *Server) answer(h *hook, said content, kind string) *Message {
	m := &Message{
		User: s.opts.App.BotUser, BotID: s.opts.App.BotID, Text: cutText(said.text, maxText), Blocks: said.blocks,
	}
	if kind != "in_channel" {
		m.EphemeralTo = h.user
	}
	return m
}
