package slack

import (
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// escaper replaces the three characters that open markup in Slack's texts
// (docs.slack.dev, formatting message text).
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape makes text inert where Slack reads markup, in at most max characters
// counted after escaping; no entity is cut.
func escape(s string, max int) string {
	s = engine.Clean(s)
	out := escaper.Replace(s)
	if utf8.RuneCountInString(out) <= max {
		return out
	}
	var b strings.Builder
	n := 1 // for the ellipsis
	for _, c := range s {
		e := escaper.Replace(string(c))
		if n += utf8.RuneCountInString(e); n > max {
			break
		}
		b.WriteString(e)
	}
	return b.String() + "…"
}

// cut shortens text that Slack does not read for markup to max characters.
func cut(s string, max int) string {
	s = engine.Clean(s)
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	return string([]rune(s)[:max-1]) + "…"
}

// mention is what Slack makes of "@alice" and "#ops" in a command's text when
// the app asks for escaped text.
var mention = regexp.MustCompile(`<(?:([@#!])([^<>|]*)(?:\|([^<>]*))?|([^<>|]+)(?:\|([^<>]*))?)>`)

// unescape turns the text of a command into what the person typed.
func unescape(s string) string {
	s = mention.ReplaceAllStringFunc(s, func(m string) string {
		g := mention.FindStringSubmatch(m)
		switch {
		case g[1] == "": // a link
			return g[4]
		case g[3] != "":
			return sign(g[1]) + strings.TrimPrefix(g[3], "@")
		case g[1] == "!":
			return "@" + strings.TrimPrefix(g[2], "subteam^")
		}
		return g[1] + g[2]
	})
	return html.UnescapeString(s)
}

func sign(s string) string {
	if s == "!" {
		return "@"
	}
	return s
}
