package engine_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/jitsudo-chat/jitsudo/engine"
)

func TestCanonical(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		// RFC 8785, 3.2.2 to 3.2.4: its own example.
		"RFCExample": {`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`, ""},
		"Sorting":    {`{"\u20ac":"Euro","\r":"CR","\ufb33":"He","1":"One","\ud83d\ude00":"Smile","\u0080":"Ctl","\u00f6":"o"}`, "{\"\\r\":\"CR\",\"1\":\"One\",\"\u0080\":\"Ctl\",\"ö\":\"o\",\"€\":\"Euro\",\"😀\":\"Smile\",\"\ufb33\":\"He\"}"},
		"Empty":      {` { } `, `{}`},
		"Numbers":    {`[0,-0,1,-1,1.5,1e21,1e-7,123456789012345,5e-324,1.7976931348623157e308,1e20]`, ""},
		"HTMLStays":  {`"<&>\u2028"`, "\"<&>\u2028\""},
	} {
		t.Run(name, func(t *testing.T) {
			want := tc.want
			switch name {
			case "RFCExample":
				want = `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
			case "Numbers":
				want = `[0,0,1,-1,1.5,1e+21,1e-7,123456789012345,5e-324,1.7976931348623157e+308,100000000000000000000]`
			}
			got, err := engine.Canonical([]byte(tc.in))
			if err != nil || string(got) != want {
				t.Errorf("got  %s (%v)\nwant %s", got, err, want)
			}
		})
	}
}

func TestCanonical_Refuses(t *testing.T) {
	for name, in := range map[string]string{
		"NameTwice": `{"a":1,"a":2}`, "Trailing": `{} {}`, "NotUTF8": "\"\xff\"", "Deep": strings.Repeat("[", 100) + strings.Repeat("]", 100),
		"Cut": `{"a":`, "Nothing": ``, "Inexact": `9007199254740993`, "Infinite": `1e999`,
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := engine.Canonical([]byte(in)); err == nil {
				t.Errorf("accepted as %s", got)
			}
		})
	}
}

func sealed(t *testing.T, head engine.Head, e engine.Event) (engine.Event, engine.Head) {
	t.Helper()
	e, err := e.Seal(head)
	if err != nil {
		t.Fatal(err)
	}
	return e, engine.Head{ID: e.ID, Hash: e.Hash}
}

// U3: one byte of any field changed, and the entry no longer verifies.
func TestU3_EveryFieldIsCovered(t *testing.T) {
	e, _ := sealed(t, engine.Head{}, engine.Event{
		At: noon, Actor: "a", Action: "b", RequestID: "c", Provider: "d", Scope: "e", Outcome: engine.Success, Details: map[string]any{"k": "v", "n": 1},
	})
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.VerifyNext(engine.Head{}, raw); err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for _, c := range []byte{raw[i] ^ 1, raw[i] ^ 0x20, '0'} {
			changed := append([]byte(nil), raw...)
			if changed[i] = c; c == raw[i] {
				continue
			}
			// Upper-case hex is the same hash; everything else is a lie.
			if _, err := engine.VerifyNext(engine.Head{}, changed); err == nil && !strings.EqualFold(string(changed), string(raw)) {
				t.Fatalf("byte %d changed unseen: %s", i, changed)
			}
		}
	}
	added := strings.Replace(string(raw), `"id":1`, `"id":1,"note":"x"`, 1)
	if _, err := engine.VerifyNext(engine.Head{}, []byte(added)); err == nil {
		t.Error("an added field verifies")
	}
}

// U4: what happens to a log shows, but for a tail cut off, which needs a
// checkpoint from outside.
func TestU4_TamperingWithTheChain(t *testing.T) {
	var lines []string
	head := engine.Head{}
	for _, a := range []string{"one", "two", "three", "four"} {
		var e engine.Event
		e, head = sealed(t, head, engine.Event{At: noon, Actor: "x", Action: a, Outcome: engine.Success})
		raw, _ := json.Marshal(e)
		lines = append(lines, string(raw))
	}
	verify := func(lines ...string) error {
		head := engine.Head{}
		var err error
		for _, l := range lines {
			if head, err = engine.VerifyNext(head, []byte(l)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := verify(lines...); err != nil {
		t.Fatal(err)
	}
	for name, log := range map[string][]string{
		"Edit":         {lines[0], strings.Replace(lines[1], "two", "2", 1), lines[2]},
		"DeleteMiddle": {lines[0], lines[2], lines[3]},
		"Insert":       {lines[0], lines[0], lines[1]},
		"Swap":         {lines[1], lines[0]},
		"TruncateHead": {lines[1], lines[2]},
		"Renumber":     {strings.Replace(lines[0], `"id":1`, `"id":2`, 1)},
		"Garbage":      {lines[0], "not json"},
		"NotAnObject":  {"[]"},
	} {
		t.Run(name, func(t *testing.T) {
			var at *engine.ChainError
			if err := verify(log...); !errors.As(err, &at) {
				t.Errorf("not seen: %v", err)
			}
		})
	}
}

func FuzzCanonical(f *testing.F) {
	f.Add(`{"b":[1,2.5e-9,null,true],"a":"\u20ac<"}`)
	f.Add(`"\ud800"`)
	f.Fuzz(func(t *testing.T, in string) {
		once, err := engine.Canonical([]byte(in))
		if err != nil {
			return
		}
		twice, err := engine.Canonical(once)
		if err != nil || string(once) != string(twice) {
			t.Errorf("%q became %s, and that %s (%v)", in, once, twice, err)
		}
	})
}

func FuzzVerifyNext(f *testing.F) {
	f.Add(`{"id":1,"prev_hash":"","hash":""}`)
	f.Fuzz(func(t *testing.T, in string) {
		if head, err := engine.VerifyNext(engine.Head{}, []byte(in)); err == nil && head.ID != 1 {
			t.Errorf("head %d", head.ID)
		}
	})
}
