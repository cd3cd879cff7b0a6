package slacksim

import (
	"html"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// control renders a sequence in angle brackets: a mention, a date, a link. What is none of those is shown as it stands.
func (r *renderer) control(in string) {
	head, label, _ := strings.Cut(in, "|")
	switch {
	case strings.HasPrefix(head, "!date^"):
		r.dateControl(head, label)
	case head != "" && strings.ContainsRune("@#!", rune(head[0])):
		text, class, ok := r.mention(head)
		if !ok {
			r.raw(in)
			return
		}
		id := strings.TrimPrefix(strings.TrimLeft(head, "@#!"), "subteam^")
		r.out.WriteString(`<span class="mention ` + class + `" data-id="` + html.EscapeString(id) + `">`)
		r.out.WriteString(html.EscapeString(text) + "</span>")
	case linkable(unescapeEntities(head)):
		shown := label
		if shown == "" {
			shown = strings.TrimPrefix(head, "mailto:")
		}
		r.link(unescapeEntities(head), unescapeEntities(shown))
	default:
		r.raw(in)
	}
}

func (r *renderer) raw(in string) {
	r.out.WriteString("&lt;")
	for in != "" {
		in = in[r.char(in):]
	}
	r.out.WriteString("&gt;")
}

// plainControl is a sequence as words, for code.
func (r *renderer) plainControl(in string) string {
	head, label, _ := strings.Cut(in, "|")
	if text, _, ok := r.mention(head); ok {
		return text
	}
	if label != "" {
		return unescapeEntities(label)
	}
	return unescapeEntities(head)
}

// mention resolves a mention to the words shown and the class of its span.
func (r *renderer) mention(head string) (text, class string, ok bool) {
	switch {
	case head == "!channel" || head == "!here" || head == "!everyone":
		return "@" + head[1:], "broadcast", true
	case strings.HasPrefix(head, "!subteam^"):
		name, found := r.names.groupHandle(head[len("!subteam^"):])
		return "@" + name, "group", found
	case strings.HasPrefix(head, "@"):
		name, found := r.names.userName(head[1:])
		return "@" + name, "user", found
	case strings.HasPrefix(head, "#"):
		name, found := r.names.channelName(head[1:])
		return "#" + name, "channel", found
	}
	return "", "", false
}

// dateControl renders <!date^unix^format^link|fallback>.
func (r *renderer) dateControl(head, fallback string) {
	parts := strings.SplitN(head, "^", 4)
	unix, err := strconv.ParseInt(parts[1], 10, 64)
	if len(parts) < 3 || err != nil || unix < 0 || unix > 1<<40 {
		r.out.WriteString(html.EscapeString(unescapeEntities(fallback)))
		return
	}
	shown := r.names.date(unix, unescapeEntities(parts[2]))
	if len(parts) == 4 && linkable(unescapeEntities(parts[3])) {
		r.link(unescapeEntities(parts[3]), shown)
		return
	}
	at := time.Unix(unix, 0).UTC().Format(time.RFC3339)
	r.out.WriteString(`<time datetime="` + at + `">` + html.EscapeString(shown) + "</time>")
}

// linkable says whether Slack would make a link of an address.
func linkable(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto", "tel":
		return u.Opaque != ""
	}
	return false
}

func (r *renderer) link(address, shown string) {
	r.out.WriteString(`<a href="` + html.EscapeString(address) + `" target="_blank" rel="noopener noreferrer">`)
	r.out.WriteString(html.EscapeString(shown) + "</a>")
}

func escapeEntities(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func unescapeEntities(s string) string {
	return strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(s)
}

// formatDate fills the tokens of a date format.
func formatDate(at, now time.Time, format string) string {
	day, time24, secs := at.Format("January 2, 2006"), at.Format("15:04"), at.Format("15:04:05")
	pretty := func(otherwise string) string {
		switch days := dayNumber(at) - dayNumber(now); days {
		case 0:
			return "Today"
		case -1:
			return "Yesterday"
		case 1:
			return "Tomorrow"
		}
		return otherwise
	}
	long, short := at.Format("Monday, January 2, 2006"), at.Format("Jan 2, 2006")
	return strings.NewReplacer(
		"{date_num}", at.Format("2006-01-02"), "{date_long_pretty}", pretty(long), "{date_short_pretty}", pretty(short),
		"{date_pretty}", pretty(day), "{date_long}", long, "{date_short}", short, "{date}", day,
		"{time_secs}", secs, "{time}", time24, "{ago}", at.Sub(now).Round(time.Second).String(),
	).Replace(format)
}

func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86_400)
}
