package httpapi

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

// Whatever is sent, it is refused with a sentence or understood whole: what was
// understood, written out again, holds every field that was sent.
func FuzzBody(f *testing.F) {
	for _, s := range []string{
		"", "{}", "null", "[]", `{"provider":"x","duration_seconds":60,"metadata":{"a":"b"}}`, `{"Provider":"x"}`, `{"reason":1}`, `{"metadata":{"a":{}}}`,
		`{"duration_seconds":1e3}`, `{"duration_seconds":9223372036854775808}`, `{} x`, `{"reason":"\ud800"}`, `{"break_glass":null}`, "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := decode[wire.Draft](raw)
		var r *engine.Refusal
		switch {
		case err != nil && (!errors.As(err, &r) || !errors.Is(err, engine.ErrInvalid) || engine.Clean(r.Say) != r.Say):
			t.Fatalf("%q: %v is no sentence for people", raw, err)
		case err != nil || len(raw) == 0:
			return
		}
		var sent map[string]any
		if err := json.Unmarshal(raw, &sent); err != nil {
			t.Fatalf("%q was taken for JSON", raw)
		}
		known := map[string]bool{}
		for _, name := range []string{"provider", "role", "resource_scope", "duration_seconds", "reason", "break_glass", "metadata", "ticket"} {
			known[name] = true
		}
		for name := range sent {
			if !known[name] {
				t.Fatalf("%q: the field %q was passed over", raw, name)
			}
		}
		if d, err := v.Engine(); err == nil && d.Duration <= 0 {
			t.Fatalf("%q: a duration of %s", raw, d.Duration)
		}
	})
}
