package slacksim

import (
	"slices"
	"strings"
	"time"
)

func (s *Server) userName(id string) (string, bool) {
	u := s.users[id]
	if u == nil {
		return "", false
	}
	return u.Name, true
}

func (s *Server) channelName(id string) (string, bool) {
	c := s.channels[id]
	if c == nil || c.isIM() {
		return "", false
	}
	return c.Name, true
}

func (s *Server) groupHandle(id string) (string, bool) {
	g := s.usergroup(id)
	if g == nil {
		return "", false
	}
	return g.Handle, true
}

func (s *Server) date(unix int64, format string) string {
	now := s.now()
	return formatDate(time.Unix(unix, 0).In(now.Location()), now, format)
}

// controls are the heads of all sequences in angle brackets of a text, such as "@U1" and "!channel". Those within code
// count too: rather one ping too many seen than one missed.
func controls(text string) []string {
	var out []string
	for {
		from := strings.IndexByte(text, '<')
		if from < 0 {
			return out
		}
		text = text[from+1:]
		end := strings.IndexByte(text, '>')
		if end < 0 {
			return out
		}
		head, _, _ := strings.Cut(text[:end], "|")
		out = append(out, head)
		text = text[end+1:]
	}
}

// references are the heads of everything that a message refers to, in its text and anywhere in its blocks.
func references(m *Message) []string {
	out := controls(m.Text)
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case obj:
			text, _ := v["text"].(string)
			switch v["type"] {
			case "mrkdwn", "markdown":
				out = append(out, controls(text)...)
			case "user":
				out = append(out, "@"+textAt(v, "user_id"))
			case "usergroup":
				out = append(out, "!subteam^"+textAt(v, "usergroup_id"))
			case "broadcast":
				out = append(out, "!"+textAt(v, "range"))
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	for _, b := range m.Blocks {
		walk(b)
	}
	return out
}

func (s *Server) mentions(m *Message, who UserID) bool {
	return slices.Contains(references(m), "@"+who)
}

// pingsOf are the members of the channel whom a message notifies. The lock is held.
func (s *Server) pingsOf(in *channel, m *Message) []UserID {
	named := map[UserID]bool{}
	for _, ref := range references(m) {
		switch {
		case ref == "!channel" || ref == "!here" || ref == "!everyone":
			for _, id := range in.Members {
				named[id] = true
			}
		case strings.HasPrefix(ref, "!subteam^"):
			if g := s.usergroup(ref[len("!subteam^"):]); g != nil && !g.Disabled {
				for _, id := range g.Members {
					named[id] = true
				}
			}
		case strings.HasPrefix(ref, "@"):
			named[ref[1:]] = true
		}
	}
	var out []UserID
	for _, id := range s.people {
		u := s.users[id]
		if named[id] && in.has(id) && id != m.User && !u.Deleted && !u.IsBot {
			out = append(out, id)
		}
	}
	return out
}

// withHTML is a copy of blocks or a view in which every text object has an "html" key: its text as Slack shows it.
func (s *Server) withHTML(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = s.withHTML(x)
		}
		return out
	case obj:
		out := obj{}
		for k, x := range v {
			out[k] = s.withHTML(x)
		}
		if text, isText := v["text"].(string); isText {
			switch v["type"] {
			case "mrkdwn", "markdown":
				out["html"] = renderMrkdwn(s, text)
			case "plain_text":
				out["html"] = renderPlain(text)
			}
		}
		return out
	}
	return v
}
