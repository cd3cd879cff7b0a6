package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jitsudo-chat/jitsudo/engine"
)

func TestParseDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"30m": 30 * time.Minute, "2h30m": 150 * time.Minute, "1d": 24 * time.Hour, "1d12h": 36 * time.Hour, " 1H ": time.Hour, "90s": 90 * time.Second, "1.5h": 90 * time.Minute,
	} {
		if got, err := engine.ParseDuration(in); err != nil || got != want {
			t.Errorf("%q = %s, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "0", "0s", "-5m", "5", "1d-5h", "soon", "18446744074s", "999999d", "65535d999999h", "2562047h48m", "1ms", "30m\x00", "d", "1dd", "NaNs", "1e9h"} {
		got, err := engine.ParseDuration(in)
		if err == nil || !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("%q accepted as %s", in, got)
		}
	}
}

// D2: a number of seconds is bounded before it is multiplied.
func TestD2_SecondsDoNotWrap(t *testing.T) {
	for _, n := range []int64{0, -1, 9223372037, 18446744074, 1 << 62} {
		if d, err := engine.Seconds(n); err == nil {
			t.Errorf("%d s accepted as %s", n, d)
		}
	}
	if d, err := engine.Seconds(3600); err != nil || d != time.Hour {
		t.Errorf("%s, %v", d, err)
	}
}

func TestFormatDuration(t *testing.T) {
	for want, d := range map[string]time.Duration{"45s": 45 * time.Second, "2h30m": 150 * time.Minute, "1d": 24 * time.Hour, "1d1s": 24*time.Hour + time.Second, "0s": 0, "-5m": -5 * time.Minute} {
		if got := engine.FormatDuration(d); got != want {
			t.Errorf("%s = %q, want %q", d, got, want)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	f.Add("1d2h3m4s")
	f.Fuzz(func(t *testing.T, in string) {
		d, err := engine.ParseDuration(in)
		if err != nil {
			return
		}
		if d <= 0 || d%time.Second != 0 {
			t.Errorf("%q = %s", in, d)
		}
		if again, err := engine.ParseDuration(engine.FormatDuration(d)); err != nil || again != d {
			t.Errorf("%s written and read is %s, %v", d, again, err)
		}
	})
}

func TestJ1_CleanRemovesWhatCannotBeSeen(t *testing.T) {
	if got := engine.Clean("a\x1b[31mb\u202Ec\u2066d\u200be\r\nf\tg\x7f"); got != "a[31mbcde\nf g" {
		t.Errorf("%q", got)
	}
	if got := engine.OneLine("a\n\n b\tc", 4); got != "a b…" {
		t.Errorf("%q", got)
	}
}

func FuzzOneLine(f *testing.F) {
	f.Add("a\u202eb\nc", 3)
	f.Fuzz(func(t *testing.T, s string, most int) {
		got := engine.OneLine(s, most)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\t\x1b\u202e\u2066") || most > 0 && utf8.RuneCountInString(got) > most {
			t.Errorf("OneLine(%q, %d) = %q", s, most, got)
		}
	})
}

func TestC3_SecretNeverPrints(t *testing.T) {
	c := engine.Credentials{Values: []engine.Secret{engine.NewSecret("TOKEN", "canary")}}
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{fmt.Sprintf("%v", c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%s %q %x %d", c.Values[0], c.Values[0], c.Values[0], c.Values[0]), fmt.Sprint(&c.Values[0]), string(raw)} {
		if strings.Contains(out, "canary") || strings.Contains(out, "63616e617279") {
			t.Errorf("printed: %s", out)
		}
	}
	if c.Values[0].Reveal() != "canary" {
		t.Error("the value is lost")
	}
}

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{"req_01J8KZ4F2EMNQZ3V7XKQYBD4WA": true, "req_01J8KZ4F2EMNQZ3V7XKQYBD4W": false, "req_81J8KZ4F2EMNQZ3V7XKQYBD4WA": false, "01J8KZ4F2EMNQZ3V7XKQYBD4WA": false, "req_01j8kz4f2emnqz3v7xkqybd4wa": false} {
		if engine.ValidID(id) != want {
			t.Errorf("ValidID(%q) = %v", id, !want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"viewer", "editor", "admin"}
	for in, want := range map[string]string{"editr": "editor", "Admin": "admin", "completely-other": "", "": ""} {
		if got := engine.Nearest(in, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestExplain_GivesNoInternalsAway(t *testing.T) {
	if say := engine.Explain(errors.New("dial tcp 10.0.0.1: secret")); strings.Contains(say, "secret") || say == "" {
		t.Error(say)
	}
	err := fmt.Errorf("wrapped: %w", engine.Refuse(engine.ErrInvalid, "No.").WithHint("Do this."))
	if say := engine.Explain(err); say != "No. Do this." {
		t.Error(say)
	}
}
