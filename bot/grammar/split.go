package grammar

import (
	"strings"
	"unicode"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Split cuts a line into words the way a shell does, with quotes and
// backslashes and without any expansion. It forgives what chats and phones make
// of a line: curly quotes count as straight ones, a dash that stands before a
// word as "--", and any kind of space as a space. An apostrophe inside a word is
// an apostrophe.
func Split(line string) ([]string, error) {
	s := splitter{in: []rune(line)}
	for s.pos < len(s.in) {
		s.step()
	}
	if s.quote != 0 {
		return nil, engine.Refuse(engine.ErrInvalid, "A quote (%c) is opened and never closed.", s.opened).
			WithHint("Put the same quote at the end of the text, or leave both out.")
	}
	s.end()
	return s.words, nil
}

type splitter struct {
	in     []rune
	pos    int
	word   []rune
	begun  bool // a word has begun, perhaps an empty quoted one
	quote  rune // the quote we are in, 0 for none
	opened rune // how it was written
	words  []string
}

const (
	double = '"'
	single = '\''
)

func straight(c rune) rune {
	switch c {
	case '"', '“', '”', '„', '‟', '«', '»':
		return double
	case '\'', '‘', '’', '‚', '‛':
		return single
	}
	return 0
}

func (s *splitter) step() {
	c := s.in[s.pos]
	s.pos++
	q := straight(c)
	switch {
	case q == single && s.apostrophe():
		s.add(c)
	case s.quote != 0:
		s.quoted(c, q)
	case q == double, q == single && s.opens():
		s.quote, s.opened, s.begun = q, c, true
	case c == '\\' && s.pos < len(s.in):
		s.add(s.in[s.pos])
		s.pos++
	case unicode.IsSpace(c):
		s.end()
	case c == 0x200B, c == 0x2060, c == 0xFEFF: // zero-width: nobody typed it
	case !s.begun && dash(c) && s.letterNext():
		s.add('-')
		s.add('-')
	default:
		s.add(c)
	}
}

func (s *splitter) quoted(c, q rune) {
	switch {
	case q == s.quote:
		s.quote = 0
	case c == '\\' && s.quote == double && s.pos < len(s.in) && (straight(s.in[s.pos]) == double || s.in[s.pos] == '\\'):
		s.add(s.in[s.pos])
		s.pos++
	default:
		s.add(c)
	}
}

// apostrophe reports whether the quote just read stands between two letters, as
// in "don't".
func (s *splitter) apostrophe() bool {
	return s.pos >= 2 && unicode.IsLetter(s.in[s.pos-2]) && s.letterNext()
}

// opens reports whether a single quote may open here: at the beginning of a
// word, or after "=". Elsewhere it is an apostrophe, as in "users' data".
func (s *splitter) opens() bool {
	return !s.begun || len(s.word) > 0 && s.word[len(s.word)-1] == '='
}

func (s *splitter) letterNext() bool { return s.pos < len(s.in) && unicode.IsLetter(s.in[s.pos]) }

func dash(c rune) bool { return c == '—' || c == '–' || c == '―' || c == '−' }

func (s *splitter) add(c rune) {
	s.word = append(s.word, c)
	s.begun = true
}

func (s *splitter) end() {
	if s.begun {
		s.words = append(s.words, string(s.word))
	}
	s.word, s.begun = s.word[:0], false
}

// Quote writes words as a line that [Split] reads back as the same words.
func Quote(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	return strings.Join(quoted, " ")
}

func quote(w string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./:@=+,*", c)
	}
	if w != "" && strings.IndexFunc(w, func(c rune) bool { return !plain(c) }) < 0 {
		return w
	}
	var b strings.Builder
	b.WriteByte(double)
	for _, c := range w {
		if c == '\\' || straight(c) == double {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	b.WriteByte(double)
	return b.String()
}
