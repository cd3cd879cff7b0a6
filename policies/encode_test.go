package policies

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// FuzzEncode checks that what is evaluated is what was hashed: the value made
// directly is the value of the canonical JSON.
func FuzzEncode(f *testing.F) {
	f.Add("approve", "alice@example.com", "sre", "Because\n<!channel> \u202e", int64(time.Hour), "ticket", "INC-1")
	f.Add("request", "", "", "\xff\xfe", int64(-1), "", "\x00")
	f.Add("break_glass", "a\u2028b", "é", "\ud7ff</script>", int64(1<<62), "\xff", "\xfe")
	f.Fuzz(func(t *testing.T, action, email, group, reason string, length int64, key, value string) {
		q := ask(engine.Action(action), principal(email, group), reason, time.Duration(length))
		q.Request.Reason, q.Request.Metadata = reason, map[string]string{key: value, "b": reason}
		q.Request.Approvals = []engine.Approval{{Approver: email, Groups: []string{group}, At: noon}}
		if !known(q.Action) {
			return // never encoded
		}
		d := describe(q)
		v, hash, err := d.encode()
		if err != nil {
			return
		}
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]any
		if err := util.UnmarshalJSON(raw, &want); err != nil {
			t.Fatal(err)
		}
		want["context"].(map[string]any)["now_ns"] = json.Number("1772625600000000000")
		wanted, err := ast.InterfaceToValue(want)
		if err != nil {
			t.Fatal(err)
		}
		if wanted.Compare(v) != 0 {
			t.Fatalf("value %v\nis not  %v", v, wanted)
		}
		if len(hash) != 64 {
			t.Fatalf("hash %q", hash)
		}
	})
}

// TestSchemaKnowsEveryField holds the schema that policies are compiled with
// against the document that they get.
func TestSchemaKnowsEveryField(t *testing.T) {
	q := ask(engine.ActApprove, alice, "editor", time.Hour)
	q.Request.Approvals = []engine.Approval{{Approver: "x@example.com", At: noon}}
	v, _, err := describe(q).encode()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.NewDecoder(bytes.NewReader(schemaJSON)).Decode(&schema); err != nil {
		t.Fatal(err)
	}
	compareFields(t, "input", v, schema)
}

func compareFields(t *testing.T, at string, v ast.Value, schema map[string]any) {
	t.Helper()
	switch v := v.(type) {
	case *ast.Array:
		if items, ok := schema["items"].(map[string]any); ok && v.Len() > 0 {
			compareFields(t, at+"[0]", v.Elem(0).Value, items)
		}
	case ast.Object:
		properties, ok := schema["properties"].(map[string]any)
		if !ok {
			return
		}
		var has, wants []string
		v.Foreach(func(k, field *ast.Term) {
			name := string(k.Value.(ast.String))
			has = append(has, name)
			if p, ok := properties[name].(map[string]any); ok {
				compareFields(t, at+"."+name, field.Value, p)
			}
		})
		for name := range properties {
			wants = append(wants, name)
		}
		slices.Sort(has)
		slices.Sort(wants)
		if !slices.Equal(has, wants) {
			t.Errorf("%s has %q, the schema %q", at, has, wants)
		}
	}
}

func TestDurationsAreRoundedUp(t *testing.T) {
	for d, want := range map[time.Duration]int64{0: 0, time.Nanosecond: 1, time.Second: 1, time.Second + 1: 2, time.Hour: 3600} {
		if got := seconds(d); got != want {
			t.Errorf("%v: %d", d, got)
		}
	}
}

// FuzzAnswer gives every rule any JSON value: it is stored, or refused with a
// sentence, and only the exact type is stored.
func FuzzAnswer(f *testing.F) {
	for _, v := range []string{"true", `"true"`, "1", "-1", "1e400", "0.1", `["a"]`, `[["a"]]`, "{}", "null", `"human"`, `"auto"`, "[1]", `"\ud800"`, "9223372036854775808"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ast.ValueFromReader(bytes.NewReader([]byte(text)))
		if err != nil {
			return
		}
		for _, rule := range append(asks(eligibility), asks(approvals)...) {
			var a answer
			err := a.set(rule, v)
			_, isBool := v.(ast.Boolean)
			switch {
			case err == nil && kindOf(rule) == boolean && !isBool:
				t.Fatalf("%s takes %s", rule, text)
			case a.allow && v.Compare(ast.Boolean(true)) != 0:
				t.Fatalf("%s allows", text)
			case err == nil && (a.limit < 0 || a.pending < 0 || a.required != nil && *a.required < 0):
				t.Fatalf("%s takes %s: %+v", rule, text, a)
			}
		}
	})
}
