package slacksim

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// names resolves what a text refers to.
type names interface {
	userName(id string) (string, bool)
	channelName(id string) (string, bool)
	groupHandle(id string) (string, bool)
	date(unix int64, format string) string
}

// renderer turns mrkdwn into HTML as Slack's clients show it. Its output has no tags but b, i, s, code, pre, blockquote,
// br, a, span and time, and every other character of the input is escaped.
type renderer struct {
	names names
	out   strings.Builder
	open  map[byte]bool // marks known never to close in what is left of the line
}

func renderMrkdwn(n names, text string) string {
	r := &renderer{names: n}
	r.blocks(text)
	return r.out.String()
}

// renderPlain is a text that has no markup, shown as it is.
func renderPlain(text string) string {
	return strings.ReplaceAll(html.EscapeString(text), "\n", "<br>")
}

// blocks takes fenced code out first: nothing else counts inside it.
func (r *renderer) blocks(text string) {
	for {
		from := strings.Index(text, "```")
		if from < 0 {
			break
		}
		length := strings.Index(text[from+3:], "```")
		if length <= 0 {
			break
		}
		r.lines(strings.TrimSuffix(text[:from], "\n"))
		r.out.WriteString("<pre>")
		r.literal(strings.TrimPrefix(text[from+3:from+3+length], "\n"))
		r.out.WriteString("</pre>")
		text = strings.TrimPrefix(text[from+3+length+3:], "\n")
	}
	r.lines(text)
}

// lines gathers quoted lines into one quote.
func (r *renderer) lines(text string) {
	if text == "" {
		return
	}
	all := strings.Split(text, "\n")
	for i := 0; i < len(all); {
		if rest, ok := quoted(all[i], 3); ok { // everything from here on
			r.quote(append([]string{rest}, all[i+1:]...))
			return
		}
		var in []string
		for ; i < len(all); i++ {
			rest, ok := quoted(all[i], 1)
			if !ok {
				break
			}
			in = append(in, rest)
		}
		if in != nil {
			r.quote(in)
			continue
		}
		r.inline(all[i])
		i++
		if i < len(all) {
			if _, next := quoted(all[i], 1); !next {
				r.out.WriteString("<br>")
			}
		}
	}
}

// quoted cuts the mark of a quote off a line. Texts that arrive over the API may have it escaped or not.
func quoted(line string, depth int) (string, bool) {
	for range depth {
		switch {
		case strings.HasPrefix(line, "&gt;"):
			line = line[4:]
		case strings.HasPrefix(line, ">"):
			line = line[1:]
		default:
			return "", false
		}
	}
	return strings.TrimPrefix(line, " "), true
}

func (r *renderer) quote(lines []string) {
	r.out.WriteString("<blockquote>")
	for i, l := range lines {
		if i > 0 {
			r.out.WriteString("<br>")
		}
		r.inline(l)
	}
	r.out.WriteString("</blockquote>")
}

// inline renders one line. It never looks behind the end of it.
func (r *renderer) inline(s string) {
	outer := r.open
	r.open = map[byte]bool{}
	defer func() { r.open = outer }()
	before := ' '
	for s != "" {
		n := r.token(s, before)
		before, _ = utf8.DecodeLastRuneInString(s[:n])
		s = s[n:]
	}
}

// token renders what stands at the start of s and returns how long it is.
func (r *renderer) token(s string, before rune) int {
	switch s[0] {
	case '<':
		if end := strings.IndexByte(s, '>'); end > 0 {
			r.control(s[1:end])
			return end + 1
		}
	case '`':
		if end := strings.IndexByte(s[1:], '`'); end > 0 {
			r.wrap("code", func() { r.literal(s[1 : 1+end]) })
			return end + 2
		}
	case '*', '_', '~':
		if inner := r.formatted(s, before); inner != "" {
			tag := map[byte]string{'*': "b", '_': "i", '~': "s"}[s[0]]
			r.wrap(tag, func() { r.inline(inner) })
			return len(inner) + 2
		}
	case 'h':
		if link := bareLink(s, before); link != "" {
			r.link(unescapeEntities(link), unescapeEntities(link))
			return len(link)
		}
	}
	return r.char(s)
}

func (r *renderer) wrap(tag string, body func()) {
	r.out.WriteString("<" + tag + ">")
	body()
	r.out.WriteString("</" + tag + ">")
}

// char writes one character, or one of the three entities, escaped.
func (r *renderer) char(s string) int {
	for _, entity := range []string{"&amp;", "&lt;", "&gt;"} {
		if strings.HasPrefix(s, entity) {
			r.out.WriteString(entity)
			return len(entity)
		}
	}
	c, n := utf8.DecodeRuneInString(s)
	if c == '\n' {
		r.out.WriteString("<br>")
		return n
	}
	r.out.WriteString(html.EscapeString(string(c)))
	return n
}

// literal writes code: no formatting, no links, but control sequences as the words they stand for.
func (r *renderer) literal(s string) {
	for s != "" {
		if end := strings.IndexByte(s, '>'); s[0] == '<' && end > 0 {
			r.out.WriteString(html.EscapeString(r.plainControl(s[1:end])))
			s = s[end+1:]
			continue
		}
		if s[0] == '\n' {
			r.out.WriteByte('\n')
			s = s[1:]
			continue
		}
		s = s[r.char(s):]
	}
}

// formatted finds the text between two marks such as *. A mark opens at the edge of a word and closes at one.
func (r *renderer) formatted(s string, before rune) string {
	mark := s[0]
	if r.open[mark] || wordRune(before) || len(s) < 3 || s[1] == ' ' || s[1] == mark {
		return ""
	}
	for i := 2; i < len(s); i++ {
		if s[i] == '<' { // a mark within a control sequence is none
			end := strings.IndexByte(s[i:], '>')
			if end > 0 {
				i += end
				continue
			}
		}
		if s[i] != mark || s[i-1] == ' ' {
			continue
		}
		after, _ := utf8.DecodeRuneInString(s[i+1:])
		if i+1 < len(s) && wordRune(after) {
			continue
		}
		return s[1:i]
	}
	r.open[mark] = true
	return ""
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// bareLink finds an address that Slack would make a link of by itself.
func bareLink(s string, before rune) string {
	if wordRune(before) || !(strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")) {
		return ""
	}
	const longest = 3000
	if len(s) > longest && strings.IndexFunc(s[:longest], endsLink) < 0 {
		return ""
	}
	end := strings.IndexFunc(s, endsLink)
	if end < 0 {
		end = len(s)
	}
	for _, stop := range []string{"&lt;", "&gt;"} {
		if i := strings.Index(s[:end], stop); i >= 0 {
			end = i
		}
	}
	link := strings.TrimRight(s[:end], ".,:;!?)'*_~`]")
	if strings.HasSuffix(link, "&amp") { // the end of an entity is not punctuation
		link += ";"
	}
	if strings.HasSuffix(link, "//") || len(link) < len("http://x") {
		return ""
	}
	return link
}

func endsLink(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune("<>\"|", c) }
