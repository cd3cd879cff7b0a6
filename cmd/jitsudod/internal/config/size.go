package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// DefaultMaxSize is how large the database may become when nothing is said, in
// bytes: room for millions of requests, and far less than would fill a disk
// before somebody looks.
const DefaultMaxSize = 8 << 30

// Size is a number of bytes as people write it: 500MiB, 2GiB; or 0.
type Size int64

// Or returns the size in bytes, otherwise when it is 0.
func (s Size) Or(otherwise int64) int64 {
	if s == 0 {
		return otherwise
	}
	return int64(s)
}

// units are how sizes are written: powers of 1024 with an i, of 1000 without.
var units = map[string]int64{
	"": 1, "b": 1,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
}

// ParseSize reads a whole number with a unit.
func ParseSize(text string) (Size, error) {
	text = strings.TrimSpace(text)
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	unit, known := units[strings.ToLower(strings.TrimSpace(text[digits:]))]
	n, err := strconv.ParseInt(text[:digits], 10, 64)
	if err != nil || !known || n > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q is not a size; write for example 500MiB or 2GiB", engine.OneLine(text, 40))
	}
	return Size(n * unit), nil
}

// UnmarshalYAML reads a size as people write it.
func (s *Size) UnmarshalYAML(n *yaml.Node) error {
	v, err := ParseSize(n.Value) // of what is no scalar: ""
	if err != nil {
		return &Error{Line: n.Line, Say: err.Error()}
	}
	*s = v
	return nil
}
