package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// maxSize bounds the file: nobody writes a configuration of a megabyte.
const maxSize = 1 << 20

// Error says what is wrong in the file, and where.
type Error struct {
	File string
	Line int // 0 when it is no single line
	Say  string
	Hint string
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s, line %d: %s", e.File, e.Line, e.Say)
	}
	return e.File + ": " + e.Say
}

// Load reads the file strictly: a key that it does not know is an error that
// names the line and the nearest key there is.
func Load(path string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{File: path, Say: "the configuration cannot be read: " + cause(err), Hint: "Make one with: jitsudod init"}
	}
	defer func() { _ = f.Close() }()
	readable, err := checkFile(path, f)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, &Error{File: path, Say: "the configuration cannot be read: " + cause(err)}
	}
	c, err := Parse(path, raw)
	if err == nil && readable && c.holdsSecrets() {
		return nil, &Error{File: path, Say: "it holds a token, and others on this machine can read it", Hint: "chmod 600 " + path + ", or keep the token elsewhere (slack.bot_token_file, systemd credentials)."}
	}
	return c, err
}

// checkFile refuses a configuration that somebody else could have written, and
// reports whether somebody else can read it.
func checkFile(path string, f *os.File) (readable bool, err error) {
	info, err := f.Stat()
	if err != nil {
		return false, &Error{File: path, Say: "the configuration cannot be read: " + cause(err)}
	}
	mode := info.Mode()
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !mode.IsRegular():
		return false, &Error{File: path, Say: "this is not a file"}
	case mode.Perm()&0o022 != 0:
		return false, &Error{File: path, Say: "others on this machine can change it", Hint: "chmod go-w " + path}
	case ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid():
		return false, &Error{File: path, Say: "it belongs to another user of this machine", Hint: "chown it to root, or to the user that jitsudod runs as."}
	}
	return mode.Perm()&0o044 != 0, nil
}

func (c *Config) holdsSecrets() bool {
	return c.Slack != nil && (c.Slack.BotToken.Reveal() != "" || c.Slack.AppToken.Reveal() != "")
}

// cause returns what the system said, without the path that is named already.
func cause(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// Parse reads a configuration; path is for messages only.
func Parse(path string, raw []byte) (*Config, error) {
	if len(raw) > maxSize {
		return nil, &Error{File: path, Say: "the configuration is longer than a megabyte"}
	}
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, &Error{File: path, Say: "this is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &Error{File: path, Say: "there is more than one YAML document in it"}
	}
	c := &Config{}
	if len(doc.Content) == 1 {
		if err := checkKeys(path, "", doc.Content[0], reflect.TypeFor[Config]()); err != nil {
			return nil, err
		}
		if err := doc.Decode(c); err != nil {
			return nil, decodeError(path, err)
		}
	}
	sum := sha256.Sum256(raw)
	c.Digest = hex.EncodeToString(sum[:])
	return c, c.check(path)
}

func decodeError(path string, err error) error {
	var own *Error
	if errors.As(err, &own) {
		own.File = path
		return own
	}
	var typeErr *yaml.TypeError
	if errors.As(err, &typeErr) && len(typeErr.Errors) > 0 {
		return &Error{File: path, Say: typeErr.Errors[0]}
	}
	return &Error{File: path, Say: strings.TrimPrefix(err.Error(), "yaml: ")}
}

// checkKeys refuses keys that the type does not have, twice-named ones, and what
// is not a mapping where one is needed.
func checkKeys(path, at string, n *yaml.Node, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for n.Kind == yaml.AliasNode {
		return &Error{File: path, Line: n.Line, Say: "aliases are not allowed in a configuration"}
	}
	switch {
	case t == reflect.TypeFor[Duration](), t == reflect.TypeFor[Secret](), isNull(n):
		return nil
	case t.Kind() == reflect.Slice && n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			if err := checkKeys(path, at+"[]", item, t.Elem()); err != nil {
				return err
			}
		}
	case t.Kind() == reflect.Struct && n.Kind == yaml.MappingNode:
		return checkFields(path, at, n, t)
	case t.Kind() == reflect.Struct:
		return &Error{File: path, Line: n.Line, Say: fmt.Sprintf("%s must be a group of keys", orTop(at))}
	}
	return nil
}

func checkFields(path, at string, n *yaml.Node, t reflect.Type) error {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "-" {
			fields[name] = t.Field(i).Type
		}
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		field, ok := fields[key.Value]
		switch {
		case !ok:
			return unknownKey(path, at, key, fields)
		case seen[key.Value]:
			return &Error{File: path, Line: key.Line, Say: fmt.Sprintf("the key %s stands twice", dotted(at, key.Value))}
		}
		seen[key.Value] = true
		if err := checkKeys(path, dotted(at, key.Value), n.Content[i+1], field); err != nil {
			return err
		}
	}
	return nil
}

func unknownKey(path, at string, key *yaml.Node, fields map[string]reflect.Type) error {
	e := &Error{File: path, Line: key.Line, Say: fmt.Sprintf("there is no key %q in %s", key.Value, orTop(at))}
	names := make([]string, 0, len(fields))
	for n := range fields {
		names = append(names, n)
	}
	if near := engine.Nearest(key.Value, names); near != "" {
		e.Hint = fmt.Sprintf("Did you mean %q?", near)
	}
	return e
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func dotted(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func orTop(at string) string {
	if at == "" {
		return "the configuration"
	}
	return at
}

// UnmarshalYAML reads a duration as people write it.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	d.Set = true
	if n.Value == "0" || n.Value == "0s" {
		return nil
	}
	v, err := engine.ParseDuration(n.Value)
	if err != nil {
		return &Error{Line: n.Line, Say: engine.Explain(err)}
	}
	d.Value = v
	return nil
}
