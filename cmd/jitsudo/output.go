package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// format returns the output format, if it is one of those that make sense here;
// the first of them when none was asked for.
func (a *app) format(makesSense ...string) (string, error) {
	f := strings.ToLower(firstOf(a.words.Output, makesSense[0]))
	if slices.Contains(makesSense, f) {
		return f, nil
	}
	return "", invalid("There is no output format %q here.", engine.OneLine(f, 20)).WithHint("Use one of %s.", strings.Join(makesSense, ", "))
}

// answer prints v as a document, or by asTable when people read it.
func (a *app) answer(v any, asTable func() error) error {
	f, err := a.format("table", "json", "yaml")
	if err != nil {
		return err
	}
	if f == "table" {
		return asTable()
	}
	return a.document(f, v)
}

func (a *app) document(format string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	var b bytes.Buffer
	if format == "yaml" {
		err = writeYAML(&b, raw)
	} else {
		err = json.Indent(&b, raw, "", "  ")
		b.WriteByte('\n')
	}
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	_, err = a.out.Write(escapeInvisible(b.Bytes()))
	return err
}

// escapeInvisible writes what cannot be seen as \u escapes. In JSON such
// characters stand inside of strings only, so that nothing is lost.
func escapeInvisible(raw []byte) []byte {
	var b bytes.Buffer
	for _, c := range string(raw) {
		if c == '\n' || c < unicode.MaxASCII && unicode.IsPrint(c) || c != unicode.ReplacementChar && engine.Clean(string(c)) == string(c) {
			b.WriteRune(c)
			continue
		}
		for _, unit := range utf16.Encode([]rune{c}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.Bytes()
}
