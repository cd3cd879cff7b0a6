package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

// readBody reads a bounded body. A body is JSON or nothing: a form that a web
// page can send without asking is neither.
func readBody(w http.ResponseWriter, r *http.Request, wanted bool) ([]byte, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxBody))
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return nil, engine.Refuse(engine.ErrInvalid, "The body is larger than %d bytes.", wire.MaxBody)
	case err != nil:
		return nil, engine.Refuse(engine.ErrInvalid, "The body could not be read to its end.")
	case len(raw) == 0:
		return nil, nil
	case !wanted:
		return nil, engine.Refuse(engine.ErrInvalid, "A body has no meaning there.")
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, engine.Refuse(engine.ErrInvalid, "The body is not marked as JSON.").WithHint("Send Content-Type: application/json.")
	}
	return raw, nil
}

// decode fills a T from a body. It is strict: an unknown field, one of another
// case, a value of another type or anything after the object is refused by name.
func decode[T any](raw []byte) (T, error) {
	var v T
	if len(raw) == 0 {
		return v, nil
	}
	var given map[string]json.RawMessage
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(&given); err != nil || given == nil {
		return v, engine.Refuse(engine.ErrInvalid, "The body is not a JSON object.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return v, engine.Refuse(engine.ErrInvalid, "Something follows the JSON object in the body.")
	}
	if !utf8.Valid(raw) {
		return v, engine.Refuse(engine.ErrInvalid, "The body is not valid text (UTF-8).")
	}
	known := fieldNames(reflect.TypeFor[T]())
	for name := range given {
		if !slices.Contains(known, name) {
			return v, unknown("field", name, known)
		}
	}
	err := json.Unmarshal(raw, &v)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		field, _, _ := strings.Cut(wrong.Field, ".")
		at := slices.Index(known, field)
		if at < 0 {
			return v, engine.Refuse(engine.ErrInvalid, "The body could not be understood as JSON.")
		}
		return v, engine.Refuse(engine.ErrInvalid, "The field %s must be %s.", field, kindOf(reflect.TypeFor[T]().Field(at).Type)).On(field)
	}
	if err != nil {
		return v, engine.Refuse(engine.ErrInvalid, "The body could not be understood as JSON.")
	}
	return v, nil
}

func unknown(what, name string, known []string) error {
	r := engine.Refuse(engine.ErrInvalid, "There is no %s %q.", what, engine.OneLine(name, 60))
	if full := wire.Field(name); slices.Contains(known, full) {
		return r.WithHint("Did you mean %s?", full)
	}
	if near := engine.Nearest(name, known); near != "" {
		return r.WithHint("Did you mean %s?", near)
	}
	if len(known) > 0 {
		return r.WithHint("There is: %s.", strings.Join(known, ", "))
	}
	return r
}

// fieldNames returns the JSON names of a struct's fields.
func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	}
	return fmt.Sprintf("an object of %s", kindOf(t.Elem()))
}

// checkQuery refuses parameters that the route does not have, and any given twice.
func checkQuery(raw string, params []param) error {
	given, err := url.ParseQuery(raw)
	if err != nil {
		return engine.Refuse(engine.ErrInvalid, "The query of the address is malformed.")
	}
	known := make([]string, len(params))
	for i, p := range params {
		known[i] = p.name
	}
	for name, values := range given {
		if !slices.Contains(known, name) {
			return unknown("parameter", name, known)
		}
		if len(values) > 1 {
			return engine.Refuse(engine.ErrInvalid, "The parameter %s is given more than once.", name).On(name)
		}
	}
	return nil
}

func (c *call) text(name string) string { return c.http.URL.Query().Get(name) }

func (c *call) flag(name string) (bool, error) {
	switch c.text(name) {
	case "":
		return c.http.URL.Query().Has(name), nil // "?mine" is yes
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, engine.Refuse(engine.ErrInvalid, "The parameter %s must be true or false.", name).On(name)
}

// number returns a whole number from 0 to most; 0 when it is not given, most
// when it is more.
func (c *call) number(name string, most uint64) (uint64, error) {
	s := c.text(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 63)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return most, nil
	case err != nil:
		return 0, engine.Refuse(engine.ErrInvalid, "The parameter %s must be a whole number, not %q.", name, engine.OneLine(s, 40)).On(name)
	}
	return min(n, most), nil
}

func (c *call) pageSize() (int, error) {
	n, err := c.number("page_size", engine.MaxPage)
	return int(n), err
}

func (c *call) moment(name string) (time.Time, error) {
	s := c.text(name)
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return t, engine.Refuse(engine.ErrInvalid, "The parameter %s must be a time, not %q.", name, engine.OneLine(s, 40)).On(name).
			WithHint("Write for example 2026-01-31T12:00:00Z.")
	}
	return t, nil
}
