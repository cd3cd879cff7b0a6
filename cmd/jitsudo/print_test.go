package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// hostile is text that tries to draw, to ring, to hide or to compute.
var hostile = []string{
	"", "plain", "\x1b[2J\x1b]0;title\x07", "\u009b31m", "a\r\nState: ACTIVE", "\u202egnp.exe", "\u200b\u2066", "=cmd|' /C calc'!A0",
	"\t=1+1", "'quoted", "＝1", " @SUM(A1)", "-5", "+1", "a,\"b\"\n", "\xff\xfe", "\U000e0041", "true", "~", "- a", "a: b", "#x", "1e3", "\x85\u2028", "<&>",
}

func TestJ3_AnswersHaveNoControlCharacters(t *testing.T) {
	for _, s := range hostile {
		checkPrinted(t, s)
	}
}

func FuzzJ3_AnswersHaveNoControlCharacters(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(checkPrinted)
}

// checkPrinted prints text in every form and looks at what reaches the screen.
func checkPrinted(t *testing.T, s string) {
	var out bytes.Buffer
	a := &app{words: &cli{}, out: &out, err: &out}
	must(t, a.facts([]fact{{"Reason", s}, {"State", "PENDING"}}))
	if strings.Count("\n"+out.String(), "\nState: ") != 1 {
		t.Fatalf("%q passes for a line of ours:\n%s", s, out.String())
	}
	must(t, a.table([]string{"A", "B"}, [][]string{{s, "x"}}))
	a.note("%s", s)
	a.complain(engine.Refuse(engine.ErrInvalid, "%s", s).WithHint("%s", s))
	for _, format := range []string{"json", "yaml"} {
		must(t, a.document(format, map[string]any{"reason": s, "list": []any{s, map[string]string{s: s}}}))
	}
	out.WriteString(csvLine([]string{engine.Clean(s)}))
	text := strings.ReplaceAll(out.String(), "\r\n", "\n")
	for _, c := range text {
		if c != '\n' && c != '\t' && (unicode.IsControl(c) || unicode.In(c, unicode.Cf)) || !utf8.ValidString(text) {
			t.Fatalf("%q brings U+%04X to the screen:\n%q", s, c, text)
		}
	}
}

// What programs read is exactly what was there, in both forms.
func FuzzDocumentsReadBack(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, int64(len(s)))
	}
	f.Fuzz(func(t *testing.T, s string, n int64) {
		s = strings.ToValidUTF8(s, "?")
		doc := map[string]any{"s": s, "n": n, "empty": map[string]any{}, "none": []any{}, "nil": nil, "l": []any{s, []any{s, true}, map[string]any{"k": s, "z": 1.5}}}
		raw, err := json.Marshal(doc)
		must(t, err)
		var want any
		must(t, json.Unmarshal(raw, &want))
		var out bytes.Buffer
		a := &app{words: &cli{}, out: &out}
		must(t, a.document("json", doc))
		var got any
		must(t, json.Unmarshal(out.Bytes(), &got))
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("JSON: %q came back otherwise:\n%s", s, out.String())
		}
		out.Reset()
		must(t, a.document("yaml", doc))
		var fromYAML any
		if err := yaml.Unmarshal(out.Bytes(), &fromYAML); err != nil {
			t.Fatalf("%v:\n%s", err, out.String())
		}
		back, err := json.Marshal(fromYAML)
		must(t, err)
		must(t, json.Unmarshal(back, &got))
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("YAML: %q came back otherwise:\n%s", s, out.String())
		}
	})
}

func FuzzJ5_NoCellIsAFormula(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = engine.Clean(s)
		cells, err := csv.NewReader(strings.NewReader(csvLine([]string{s, "end"}))).Read()
		if err != nil || len(cells) != 2 {
			t.Fatalf("%q: %q %v", s, cells, err)
		}
		if first := strings.TrimLeft(cells[0], " "); first != "" && strings.ContainsAny(first[:1], "=+-@\t\r") {
			t.Fatalf("%q is a formula for a spreadsheet", cells[0])
		}
		if back := strings.TrimPrefix(cells[0], "'"); back != strings.ReplaceAll(s, "\r\n", "\n") {
			t.Fatalf("%q came back as %q", s, back)
		}
	})
}

func TestU8_EveryFormOfExportVerifies(t *testing.T) {
	var entries []json.RawMessage
	var head engine.Head
	for i, s := range hostile {
		s = strings.ToValidUTF8(s, "?")
		e, err := engine.Event{At: time.Unix(int64(i), 123456789), Actor: "=alice", Action: "request.created", Outcome: engine.Success, Details: map[string]any{"reason": s, "n": i}}.Seal(head)
		must(t, err)
		head = engine.Head{ID: e.ID, Hash: e.Hash}
		raw, err := json.Marshal(e)
		must(t, err)
		entries = append(entries, raw)
	}
	for _, format := range []string{"ndjson", "json", "csv"} {
		var out bytes.Buffer
		a := &app{words: &cli{}, out: &out, err: &out}
		must(t, a.printEntries(format, func(yield func(json.RawMessage) bool) {
			for _, e := range entries {
				if !yield(e) {
					return
				}
			}
		}))
		var failed error
		got, err := verify(fileEntries(bytes.NewReader(out.Bytes()), &failed))
		if err != nil || failed != nil || got != head {
			t.Errorf("%s: %v %v %v, want %v\n%s", format, got, err, failed, head, out.String())
		}
	}
}

func FuzzExportReaderNeverAccepts(f *testing.F) {
	f.Add([]byte(`{"id":1}`))
	f.Add([]byte("[\n{}\n]"))
	f.Add([]byte(csvLine(columns) + csvLine(columns)))
	f.Add([]byte("[1,2"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var failed error
		head, err := verify(fileEntries(bytes.NewReader(raw), &failed))
		if head.ID > 0 && !bytes.Contains(raw, []byte("prev_hash")) {
			t.Fatalf("%q verifies: %v %v %v", raw, head, err, failed)
		}
	})
}

func TestMoment(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]string{
		"": "", "24h": "2026-03-03T12:00:00Z", "7d": "2026-02-25T12:00:00Z", "2026-01-31": "2026-01-31T00:00:00Z",
		"2026-01-31T12:00:00+02:00": "2026-01-31T10:00:00Z", "2026-01-31 10:00:00": "2026-01-31T10:00:00Z",
	} {
		if got, err := moment("--since", s, now); err != nil || clock(got) != want {
			t.Errorf("%q: %s %v, want %s", s, clock(got), err, want)
		}
	}
	for _, s := range []string{"-1h", "0s", "soon", "2026-13-01", "99999999d"} {
		if got, err := moment("--since", s, now); err == nil {
			t.Errorf("%q was taken for %s", s, got)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	must(t, err)
	return string(raw)
}
