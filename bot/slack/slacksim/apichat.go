package slacksim

import (
	"encoding/json"
	"unicode/utf8"
)

const (
	maxText      = 40_000 // cut by chat.postMessage
	maxUpdate    = 4_000  // refused by chat.update
	maxAggregate = 13_200 // characters of all blocks together; published nowhere, seen in practice
	maxMetadata  = 64_000
)

// content is what a message says, checked.
type content struct {
	text     string
	blocks   []any
	metadata any
	keepMeta bool // metadata was left out
}

// target finds the channel a bot may write to. A user's ID stands for the direct message, in chat.postMessage only.
func (s *Server) target(id string) (*channel, *failure) {
	c := s.channels[id]
	if u := s.users[id]; u != nil {
		if f := s.reachable(u); f != nil {
			return nil, f
		}
		c = s.direct(u.ID)
	}
	if c == nil {
		return nil, fail("channel_not_found")
	}
	member := c.has(s.opts.App.BotUser)
	switch {
	case c.Private && !member:
		return nil, fail("channel_not_found")
	case c.Archived:
		return nil, fail("is_archived")
	case !member && !s.hasScope("chat:write.public"):
		return nil, fail("not_in_channel")
	case c.isIM() && s.opts.App.MessagesTabOff:
		return nil, fail("messages_tab_disabled")
	}
	return c, nil
}

// reachable says whether the app can open a direct message with somebody.
func (s *Server) reachable(u *User) *failure {
	switch {
	case u.Deleted:
		return fail("user_disabled")
	case u.IsBot || u.ID == s.opts.App.BotUser:
		return fail("cannot_dm_bot")
	case u.IsStranger:
		return fail("user_not_visible")
	}
	return nil
}

func (s *Server) readContent(c *call) (content, *failure) {
	out := content{text: c.str("text"), keepMeta: !c.has("metadata")}
	raw, err := c.value("blocks")
	if err != nil {
		return out, fail("invalid_blocks_format")
	}
	if raw != nil {
		list, isList := raw.([]any)
		if !isList {
			return out, fail("invalid_blocks_format")
		}
		if f := s.checkMessageBlocks(list); f != nil {
			return out, f
		}
		out.blocks = s.withIDs(list)
	}
	attachments, err := c.value("attachments")
	if err != nil {
		return out, fail("invalid_attachments")
	}
	if md := c.str("markdown_text"); md != "" {
		if out.text != "" || out.blocks != nil {
			return out, fail("markdown_text_conflict")
		}
		out.text = md
	}
	if list, _ := attachments.([]any); out.text == "" && len(out.blocks) == 0 && len(list) == 0 {
		return out, fail("no_text")
	}
	if c.str("parse") == "full" || c.yes("link_names") {
		out.text = s.resolveNames(out.text)
	}
	out.metadata, err = c.value("metadata")
	if err != nil {
		return out, fail("invalid_metadata_format")
	}
	return out, checkMetadata(out.metadata)
}

func checkMetadata(m any) *failure {
	if m == nil {
		return nil
	}
	o, isObj := m.(obj)
	if !isObj {
		return fail("invalid_metadata_format")
	}
	if len(o) == 0 { // chat.update: remove it
		return nil
	}
	kind, _ := o["event_type"].(string)
	payload, isPayload := o["event_payload"].(obj)
	if kind == "" || !isPayload {
		return fail("invalid_metadata_schema")
	}
	if b, err := json.Marshal(payload); err != nil || len(b) > maxMetadata {
		return fail("metadata_too_large")
	}
	return nil
}

func cutText(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

func (s *Server) chatPost(c *call) (obj, *failure) {
	if f := c.need("channel"); f != nil {
		return nil, f
	}
	to, f := s.target(c.str("channel"))
	if f != nil {
		return nil, f
	}
	said, f := s.readContent(c)
	if f != nil {
		return nil, f
	}
	m := &Message{
		User: s.opts.App.BotUser, BotID: s.opts.App.BotID, Text: cutText(said.text, maxText), Blocks: said.blocks,
		Metadata: said.metadata, ThreadTS: c.str("thread_ts"), Broadcast: c.yes("reply_broadcast"),
	}
	if m.ThreadTS != "" {
		parent := to.message(m.ThreadTS)
		if parent == nil || parent.EphemeralTo != "" {
			return nil, fail("thread_not_found")
		}
		if parent.isReply() { // a reply's ts leads to its thread
			m.ThreadTS = parent.ThreadTS
		}
	}
	s.add(to, m)
	s.tellMessage(to, m)
	return obj{"channel": to.ID, "ts": m.TS, "message": s.wireMessage(m)}, nil
}

func (s *Server) chatPostEphemeral(c *call) (obj, *failure) {
	if f := c.need("channel", "user"); f != nil {
		return nil, f
	}
	if s.users[c.str("channel")] != nil {
		return nil, fail("channel_not_found")
	}
	to, f := s.target(c.str("channel"))
	if f != nil {
		return nil, f
	}
	if u := c.str("user"); s.users[u] == nil || !to.has(u) || s.users[u].Deleted {
		return nil, fail("user_not_in_channel")
	}
	said, f := s.readContent(c)
	if f != nil {
		return nil, f
	}
	m := &Message{
		User: s.opts.App.BotUser, BotID: s.opts.App.BotID, Text: cutText(said.text, maxText), Blocks: said.blocks,
		EphemeralTo: c.str("user"), ThreadTS: c.str("thread_ts"),
	}
	s.add(to, m)
	return obj{"message_ts": m.TS}, nil
}

// own finds a message that the app may change.
func (s *Server) own(c *call, refusal string) (*channel, *Message, *failure) {
	if f := c.need("channel", "ts"); f != nil {
		return nil, nil, f
	}
	in := s.channels[c.str("channel")]
	if in == nil || (in.Private && !in.has(s.opts.App.BotUser)) {
		return nil, nil, fail("channel_not_found")
	}
	m := in.message(c.str("ts"))
	if m == nil || m.EphemeralTo != "" {
		return nil, nil, fail("message_not_found")
	}
	if m.BotID != s.opts.App.BotID {
		return nil, nil, fail(refusal)
	}
	return in, m, nil
}

func (s *Server) chatUpdate(c *call) (obj, *failure) {
	in, m, f := s.own(c, "cant_update_message")
	if f != nil {
		return nil, f
	}
	if utf8.RuneCountInString(c.str("text")) > maxUpdate {
		return nil, fail("msg_too_long")
	}
	said, f := s.readContent(c)
	if f != nil {
		return nil, f
	}
	m.Text, m.Edited = said.text, true
	if c.has("blocks") {
		m.Blocks = said.blocks
	}
	if !said.keepMeta {
		m.Metadata = said.metadata
		if o, isObj := said.metadata.(obj); isObj && len(o) == 0 {
			m.Metadata = nil
		}
	}
	m.Pings = s.pingsOf(in, m)
	s.touch()
	s.tellEdited(in, m)
	return obj{"channel": in.ID, "ts": m.TS, "text": m.Text, "message": s.wireMessage(m)}, nil
}

func (s *Server) chatDelete(c *call) (obj, *failure) {
	in, m, f := s.own(c, "cant_delete_message")
	if f != nil {
		return nil, f
	}
	s.remove(in, m)
	return obj{"channel": in.ID, "ts": m.TS}, nil
}
