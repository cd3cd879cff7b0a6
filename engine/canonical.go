package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Canonical returns the canonical JSON form (RFC 8785) of a JSON text. A text
// with a name twice in one object, with bytes that are not UTF-8, or with
// anything after its value is refused: it would not mean the same to everybody.
func Canonical(raw []byte) ([]byte, error) {
	v, err := decodeJSON(raw)
	if err != nil {
		return nil, err
	}
	return appendCanonical(nil, v)
}

func decodeJSON(raw []byte) (any, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	v, err := decodeValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the value")
	}
	return v, nil
}

// maxDepth bounds nesting, so that hostile input cannot exhaust the stack.
const maxDepth = 64

func decodeValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return decodeObject(d, depth)
	case json.Delim('['):
		return decodeArray(d, depth)
	}
	return t, nil
}

func decodeObject(d *json.Decoder, depth int) (any, error) {
	object := map[string]any{}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := k.(string)
		if !ok {
			return nil, errors.New("an object's name is not a string")
		}
		if _, twice := object[name]; twice {
			return nil, fmt.Errorf("the name %q stands twice in one object", name)
		}
		if object[name], err = decodeValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return object, err
}

func decodeArray(d *json.Decoder, depth int) (any, error) {
	list := []any{}
	for d.More() {
		v, err := decodeValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.Token()
	return list, err
}

func appendCanonical(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendString(b, v), nil
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return nil, fmt.Errorf("number %s: %w", v, err)
		}
		if !exact(v.String(), f) {
			return nil, fmt.Errorf("the whole number %s is too large to be exact", v)
		}
		return appendNumber(b, f)
	case []any:
		return appendArray(b, v)
	case map[string]any:
		return appendObject(b, v)
	}
	return nil, fmt.Errorf("a %T is no JSON value", v)
}

// exact reports whether f is the number that the literal says. Two whole numbers
// beyond 2^53 may share one float, and so one canonical form.
func exact(literal string, f float64) bool {
	if math.Abs(f) < 1<<53 || strings.ContainsAny(literal, ".eE") {
		return true
	}
	return strconv.FormatFloat(f, 'f', -1, 64) == literal
}

func appendArray(b []byte, list []any) ([]byte, error) {
	b = append(b, '[')
	var err error
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendCanonical(b, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendObject(b []byte, object map[string]any) ([]byte, error) {
	names := make([]string, 0, len(object))
	for n := range object {
		names = append(names, n)
	}
	slices.SortFunc(names, compareUTF16)
	b = append(b, '{')
	var err error
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, n), ':')
		if b, err = appendCanonical(b, object[n]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// compareUTF16 orders names by their UTF-16 code units (RFC 8785, 3.2.3).
func compareUTF16(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

// appendString writes a string as RFC 8785, 3.2.2.2: only the quote, the
// backslash and the control characters are escaped.
func appendString(b []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	const shorts = "\b\t\n\f\r\"\\"
	b = append(b, '"')
	for _, c := range s {
		if i := strings.IndexRune(shorts, c); i >= 0 {
			b = append(b, '\\', "btnfr\"\\"[i])
		} else if c < ' ' {
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		} else {
			b = utf8.AppendRune(b, c)
		}
	}
	return append(b, '"')
}

// appendNumber writes a number the way ECMAScript does (RFC 8785, 3.2.2.3).
func appendNumber(b []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errors.New("a number is not finite")
	}
	if f == 0 {
		return append(b, '0'), nil
	}
	if abs := math.Abs(f); abs >= 1e21 || abs < 1e-6 {
		s := strconv.AppendFloat(nil, f, 'e', -1, 64)
		// Go writes at least two digits of exponent, ECMAScript as few as it can.
		if n := len(s); s[n-2] == '0' && (s[n-3] == '-' || s[n-3] == '+') {
			s = append(s[:n-2], s[n-1])
		}
		return append(b, s...), nil
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64), nil
}
