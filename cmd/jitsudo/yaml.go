package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// writeYAML writes a JSON document as YAML, its fields in their order. Text
// stands in double quotes wherever YAML could read anything else into it.
func writeYAML(w *bytes.Buffer, raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	y := yamlWriter{d, w}
	if err := y.value(0, lineStart); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one document")
	}
	return nil
}

type yamlWriter struct {
	in  *json.Decoder
	out *bytes.Buffer
}

// What stands on the line before a value.
type before int

const (
	lineStart before = iota
	key              // "name:"
	dash             // "-"
)

// value writes the next value.
func (y yamlWriter) value(depth int, after before) error {
	t, err := y.in.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return y.object(depth, after)
		}
		return y.list(depth, after)
	case string:
		return y.line(after, yamlText(t))
	case nil:
		return y.line(after, "null")
	}
	return y.line(after, fmt.Sprint(t))
}

func (y yamlWriter) line(after before, s string) error {
	if after != lineStart {
		y.out.WriteByte(' ')
	}
	y.out.WriteString(s + "\n")
	return nil
}

// begin goes to where a field or an item is written. The first field of an item
// stands beside its dash.
func (y yamlWriter) begin(depth int, first bool, after before) {
	switch {
	case first && after == dash:
		y.out.WriteByte(' ')
		return
	case first && after == key:
		y.out.WriteByte('\n')
	}
	y.out.WriteString(strings.Repeat("  ", depth))
}

func (y yamlWriter) object(depth int, after before) error {
	if !y.in.More() {
		_ = y.line(after, "{}")
		_, err := y.in.Token()
		return err
	}
	for first := true; y.in.More(); first = false {
		name, err := y.in.Token()
		if err != nil {
			return err
		}
		y.begin(depth, first, after)
		y.out.WriteString(yamlText(fmt.Sprint(name)) + ":")
		if err := y.value(depth+1, key); err != nil {
			return err
		}
	}
	_, err := y.in.Token()
	return err
}

func (y yamlWriter) list(depth int, after before) error {
	if !y.in.More() {
		_ = y.line(after, "[]")
		_, err := y.in.Token()
		return err
	}
	for first := true; y.in.More(); first = false {
		y.begin(depth, first, after)
		y.out.WriteString("-")
		if err := y.value(depth+1, dash); err != nil {
			return err
		}
	}
	_, err := y.in.Token()
	return err
}

var (
	yamlPlain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_./@-]*$`)
	yamlWords = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null|nan|inf)$`)
)

func yamlText(s string) string {
	if yamlPlain.MatchString(s) && !yamlWords.MatchString(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c == '\n':
			b.WriteString(`\n`)
		case c != '\t' && engine.Clean(string(c)) == string(c):
			b.WriteRune(c)
		case c > 0xFFFF:
			b.WriteString(`\U` + pad(c, 8))
		default:
			b.WriteString(`\u` + pad(c, 4))
		}
	}
	b.WriteByte('"')
	return b.String()
}

func pad(c rune, digits int) string {
	h := strconv.FormatInt(int64(c), 16)
	return strings.Repeat("0", digits-len(h)) + h
}
