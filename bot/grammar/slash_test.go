package grammar_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
)

const anID = "req_01J8KZ4F2EMNQZ3V7XKQYBD4W0"

func TestParseSlash(t *testing.T) {
	full := grammar.Request{Provider: "sandbox", Role: "editor", Scope: "staging", Duration: grammar.Span(90 * time.Minute), Reason: "Deploy hotfix"}
	broken := full
	broken.BreakGlass = true
	for name, c := range map[string]struct {
		say  string
		want any
	}{
		"NothingIsTheForm":           {"  ", grammar.Form{}},
		"RequestAloneIsTheForm":      {"request", grammar.Form{}},
		"CaseOfTheWordIsFree":        {"REQUEST", grammar.Form{}},
		"EveryFlag":                  {`request --provider sandbox --role editor --scope staging --duration 1h30m --reason "Deploy hotfix"`, full},
		"EqualsSigns":                {`request --provider=sandbox --role=editor --scope=staging --duration=90m --reason='Deploy hotfix'`, full},
		"CurlyQuotesAndDashes":       {"request —provider sandbox –role editor --scope staging —duration 1h30m —reason “Deploy hotfix”", full},
		"NonBreakingSpaces":          {"request\u00a0--provider\u202fsandbox --role editor --scope staging --duration 1h30m --reason ‘Deploy hotfix’", full},
		"InShort":                    {"request sandbox editor staging 1h30m Deploy hotfix", full},
		"InShortWithFlag":            {"request sandbox --break-glass editor staging 1h30m Deploy hotfix", broken},
		"PartOfARequest":             {"request sandbox editor", grammar.Request{Provider: "sandbox", Role: "editor"}},
		"OnlyTheReason":              {`request --reason "why not"`, grammar.Request{Reason: "why not"}},
		"Apostrophe":                 {`request --reason "it can't wait — don't ask"`, grammar.Request{Reason: "it can't wait — don't ask"}},
		"DashInsideAReason":          {`request sandbox editor staging 1h30m a — b`, withReason(full, "a — b")},
		"ReasonBeginsWithDash":       {`request --reason "- again -"`, grammar.Request{Reason: "- again -"}},
		"Metadata":                   {`request --metadata a=b --metadata c="d=e;f"`, grammar.Request{Metadata: map[string]string{"a": "b", "c": "d=e;f"}}},
		"Day":                        {"request --duration 1d12h", grammar.Request{Duration: grammar.Span(36 * time.Hour)}},
		"BreakGlass":                 {"break-glass --provider sandbox", grammar.BreakGlass{Request: grammar.Request{Provider: "sandbox", BreakGlass: true}}},
		"BreakGlassAlone":            {"Break-Glass", grammar.BreakGlass{Request: grammar.Request{BreakGlass: true}}},
		"Status":                     {"status", grammar.Status{}},
		"StatusOfOne":                {"status `" + anID + "`", grammar.Status{ID: anID}},
		"IDInLowerCase":              {"status " + strings.ToLower(anID), grammar.Status{ID: anID}},
		"StatusWithFilter":           {"status --pending --limit 3", grammar.Status{Pending: true, Limit: 3}},
		"Mine":                       {"mine", grammar.Mine{}},
		"Pending":                    {"pending", grammar.Pending{}},
		"Approve":                    {"approve " + anID, grammar.Approve{ID: anID}},
		"ApproveWithPlainWords":      {"approve " + anID + " looks good", grammar.Approve{ID: anID, Comment: "looks good"}},
		"ApproveForLess":             {"approve " + anID + " --duration 5m", grammar.Approve{ID: anID, Duration: grammar.Span(5 * time.Minute)}},
		"DenyWithReason":             {"deny " + anID + " --reason 'too broad'", grammar.Deny{ID: anID, Reason: "too broad"}},
		"DenyWithPlainWords":         {"deny " + anID + " too broad", grammar.Deny{ID: anID, Reason: "too broad"}},
		"DenyWithoutReasonIsNoError": {"deny " + anID, grammar.Deny{ID: anID}},
		"Cancel":                     {"cancel " + anID, grammar.Cancel{ID: anID}},
		"Revoke":                     {"revoke " + anID, grammar.Revoke{ID: anID}},
		"Help":                       {"help", grammar.Help{}},
		"QuestionMark":               {"?", grammar.Help{}},
		"DashHelp":                   {"--help", grammar.Help{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := grammar.ParseSlash(c.say)
			if err != nil {
				t.Fatal(engine.Explain(err))
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%q\n got %#v\nwant %#v", c.say, got, c.want)
			}
		})
	}
}

func withReason(r grammar.Request, reason string) grammar.Request {
	r.Reason = reason
	return r
}

func TestParseSlashRefuses(t *testing.T) {
	for name, c := range map[string]struct{ say, want string }{
		"UnknownWord":        {"zebra", "`help` shows what can be said."},
		"NearestWord":        {"requset", `Did you mean "request"?`},
		"NearestOfShort":     {"aprove " + anID, `Did you mean "approve"?`},
		"NearestFlag":        {"request --rle x", `did you mean "--role"?`},
		"OpenQuote":          {`request --reason "no end`, "A quote (\") is opened and never closed."},
		"OpenCurlyQuote":     {`request --reason “no end`, "A quote (“) is opened and never closed."},
		"ForgottenQuotes":    {"request --provider sandbox --reason fix the thing", `I did not expect "the" here. Put quotes around a reason of several words.`},
		"NegativeDuration":   {"request --duration -5m", "The duration must be longer than nothing"},
		"ZeroDuration":       {"request --duration 0s", "The duration must be longer than nothing"},
		"DurationOverflows":  {"request --duration 99999999999999999999h", "is not a duration."},
		"NoDuration":         {"request sandbox editor staging tomorrow", `"tomorrow" is not a duration.`},
		"ApproveWithoutID":   {"approve", "ID"},
		"CancelWithTooMuch":  {"cancel " + anID + " please", `I did not expect "please" after cancel.`},
		"MineWithTooMuch":    {"mine all", `I did not expect "all" after mine.`},
		"TooLong":            {strings.Repeat("x", grammar.MaxLine+1), "too long"},
		"LimitIsNoNumber":    {"status --limit many", "--limit"},
		"EmptyID":            {`approve ""`, "The request ID is missing."},
		"ControlCharsInWord": {"\x1b[2Jboom", `"[2Jboom"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := grammar.ParseSlash(c.say)
			if !errors.Is(err, engine.ErrInvalid) {
				t.Fatalf("%q: error %v, want one of kind invalid", c.say, err)
			}
			if got := engine.Explain(err); !strings.Contains(got, c.want) {
				t.Errorf("%q\n got %s\nwant %s", c.say, got, c.want)
			}
		})
	}
}

func TestRequestMissingNamesInOrder(t *testing.T) {
	r := grammar.Request{Role: "x", Reason: "  "}
	if got := strings.Join(r.Missing(), " "); got != "provider scope duration reason" {
		t.Errorf("missing: %s", got)
	}
}

// Whatever is said, the answer is one of the words or a Refusal, never a panic
// and never text that could draw on a screen.
func FuzzParseSlash(f *testing.F) {
	for _, s := range []string{"", "request", `request —provider “a b” --duration -5m`, "approve " + anID + " \\", "deny ‘", "status --limit=9999999999999999999999",
		"request --metadata a", "request -x", "request --", "request -- --role x", "approve \x00", "request --duration=1d-5m", "\u202ehelp", "request --no-break-glass=x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := grammar.ParseSlash(s)
		var refusal *engine.Refusal
		switch {
		case err == nil && got == nil:
			t.Fatalf("%q: neither a word nor an error", s)
		case err != nil && !errors.As(err, &refusal):
			t.Fatalf("%q: %v is no sentence for people", s, err)
		case err != nil && engine.Clean(refusal.Say) != refusal.Say:
			t.Fatalf("%q: the sentence %q has characters that cannot be seen", s, refusal.Say)
		}
	})
}
