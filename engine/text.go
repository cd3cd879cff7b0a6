package engine

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what people may write, in characters.
const (
	MaxReason   = 1000
	MaxTicket   = 200
	MaxName     = 256 // role, scope
	MaxComment  = 1000
	maxMetadata = 20
	maxKey      = 200
)

// invisible reports whether c cannot be seen and can deceive: control
// characters, direction overrides, zero-width characters, tags, and what is not
// a character at all.
func invisible(c rune) bool {
	switch {
	case unicode.IsControl(c), c == utf8.RuneError:
		return true
	case unicode.In(c, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp):
		return true
	case c == 0x115F, c == 0x1160, c == 0x3164, c == 0xFFA0: // Hangul fillers, drawn as nothing
		return true
	}
	return false
}

// Clean returns s without characters that cannot be seen; line breaks stay.
func Clean(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n':
			return c
		case c == '\t':
			return ' '
		case invisible(c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// OneLine returns s cleaned, on one line, with at most max characters; what is
// cut is marked by an ellipsis.
func OneLine(s string, max int) string {
	s = strings.Join(strings.Fields(Clean(s)), " ")
	if max <= 0 || utf8.RuneCountInString(s) <= max {
		return s
	}
	r := []rune(s)
	return strings.TrimSpace(string(r[:max-1])) + "…"
}

// checkText refuses text that is too long or has a character that cannot be
// seen, and names it, so that the log holds what the person saw and nothing else.
func checkText(field, name, s string, most int) error {
	if !utf8.ValidString(s) {
		return Refuse(ErrInvalid, "The %s is not valid text (UTF-8).", name).On(field)
	}
	if n := utf8.RuneCountInString(s); n > most {
		return Refuse(ErrInvalid, "The %s has %d characters; at most %d are allowed.", name, n, most).On(field).WithHint("Shorten it, and keep the details in a ticket.")
	}
	pos := 0
	for _, c := range s {
		pos++
		if c != '\n' && c != '\t' && invisible(c) && c != zeroWidthJoiner {
			return Refuse(ErrInvalid, "The %s has the invisible character U+%04X at position %d.", name, c, pos).On(field).WithHint("Delete it and send again.")
		}
	}
	return nil
}

// zeroWidthJoiner holds emoji such as families together; alone it hides nothing.
const zeroWidthJoiner = 0x200D

// checkName refuses names of roles and scopes that no platform has.
func checkName(field, s string) error {
	if s == "" {
		return Refuse(ErrInvalid, "The %s is missing.", field).On(field)
	}
	if err := checkText(field, field, s, MaxName); err != nil {
		return err
	}
	if strings.TrimSpace(s) != s {
		return Refuse(ErrInvalid, "The %s %q begins or ends with a space.", field, OneLine(s, 60)).On(field)
	}
	for _, c := range s {
		if c < ' ' || c > unicode.MaxASCII {
			return Refuse(ErrInvalid, "The %s %q has a character that is not plain ASCII.", field, OneLine(s, 60)).On(field)
		}
	}
	return nil
}
