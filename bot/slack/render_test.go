package slack

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// ownMarkup is the only markup that may stand in a text which Slack reads for markup.
var ownMarkup = regexp.MustCompile(`<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[0-9: UTC-]+>`)

// checkBlocks walks blocks as they go out and holds them to Slack's limits, and
// every text that is read for markup to having none but ours.
func checkBlocks(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			checkBlocks(t, x)
		}
	case map[string]any:
		text, _ := v["text"].(string)
		if v["type"] == "mrkdwn" {
			checkInert(t, ownMarkup.ReplaceAllString(text, ""))
			if v["verbatim"] != true {
				t.Errorf("Slack looks for links and names in %q", text)
			}
		}
		for key, most := range map[string]int{"block_id": 255, "action_id": 255, "value": 2000, "text": 4000} {
			if s, ok := v[key].(string); ok && (utf8.RuneCountInString(s) > most || s == "" && key != "value") {
				t.Errorf("%s has %d characters: %.60q", key, utf8.RuneCountInString(s), s)
			}
		}
		if v["type"] == "header" {
			if n := utf8.RuneCountInString(v["text"].(map[string]any)["text"].(string)); n > 150 {
				t.Errorf("the header has %d characters", n)
			}
		}
		for _, x := range v {
			checkBlocks(t, x)
		}
	}
}

func checkInert(t *testing.T, s string) {
	t.Helper()
	if strings.ContainsAny(s, "<>") {
		t.Errorf("there is markup in %q", s)
	}
	for _, c := range s {
		if c < ' ' && c != '\n' || c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069 {
			t.Errorf("there is %U in %q", c, s)
		}
	}
}

func skeleton(v any) []string {
	var out []string
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			out = append(out, skeleton(x)...)
		}
	case map[string]any:
		for _, k := range []string{"block_id", "action_id"} {
			if id, ok := v[k].(string); ok {
				out = append(out, id)
			}
		}
		out = append(out, skeleton(v["elements"])...)
	}
	return out
}

// drawn is every drawing of a request, as JSON values.
func drawn(t *testing.T, r engine.Request) (blocks []any, texts []string) {
	t.Helper()
	cards := []bot.Card{bot.CardOf(r), bot.CallOf(r), bot.AlertOf(r), bot.LiveOf(r, "Run `x` "+r.Reason), bot.GoneOf(r), bot.EndingOf(r)}
	for _, action := range []string{engine.EvApproved, engine.EvDenied, engine.EvRevoking, engine.EvGrantFailed, engine.EvAuthRefused, engine.EvCredentials} {
		line, ok := bot.LineOf(engine.Event{Actor: r.Requester, Action: action, Details: map[string]any{"reason": r.Reason, "comment": r.Reason}}, r)
		if !ok {
			t.Fatalf("there is no line for %s", action)
		}
		cards = append(cards, bot.Card{Text: line})
	}
	for _, c := range cards {
		raw, err := json.Marshal(drawing{calls: map[bot.Word]string{}}.blocks(c))
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) > 13_000 {
			t.Errorf("a card has %d bytes, and Slack takes about 13,200", len(raw))
		}
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, v)
		texts = append(texts, fallback(c))
	}
	return blocks, texts
}

func sample(role, reason, ticket string) engine.Request {
	at := time.Date(2026, 3, 4, 3, 0, 0, 0, time.UTC)
	return engine.Request{
		ID: "req_01ARZ3NDEKTSV4RRFFQ69G5FAV", Revision: 1, State: engine.Pending, Requester: "alice@example.com",
		Target: engine.Target{Provider: "sandbox", Role: role, Scope: role}, Reason: reason, Ticket: ticket, EndReason: reason,
		Duration: time.Hour, CreatedAt: at, PendingUntil: at.Add(time.Hour), ExpiresAt: at.Add(time.Hour), DecidedBy: "bob@example.com",
		Terms: engine.Terms{Required: 1, ApproverGroups: []string{"sre-leads"}, Approvers: []string{"carol@example.com"}},
	}
}

// FuzzJ1_Blocks: whatever people write, the blocks keep their skeleton and their
// lengths, and no text that is read for markup holds any.
func FuzzJ1_Blocks(f *testing.F) {
	f.Add("editor", "deploy", "OPS-1")
	f.Add("<!channel>", "<@U1> <https://evil|good> &amp;", "```")
	f.Add("`admin`", "\u202Egnp.exe\u202C\x00\x1b[31m", strings.Repeat("&", 4000))
	f.Add(strings.Repeat("<", 300), strings.Repeat("x\n", 2000), "\xff\xfe")
	f.Add("*_~`", "\"}],\"blocks\":[]", "<!date^1^{x}|y>")
	f.Fuzz(func(t *testing.T, role, reason, ticket string) {
		role, reason, ticket = cut(role, engine.MaxName), cut("x"+reason, engine.MaxReason), cut("x"+ticket, engine.MaxTicket)
		plain, _ := drawn(t, sample("role", "reason", "ticket"))
		blocks, texts := drawn(t, sample("r"+role, reason, ticket))
		if got, want := skeleton(blocks), skeleton(plain); !slices.Equal(got, want) {
			t.Errorf("the skeleton is %v, want %v", got, want)
		}
		checkBlocks(t, blocks)
		for _, s := range texts {
			checkInert(t, s)
			if utf8.RuneCountInString(s) > maxFallback {
				t.Errorf("the fallback has %d characters", utf8.RuneCountInString(s))
			}
		}
	})
}

// FuzzEscape: nothing that opens markup is left, nothing is longer than it may
// be, and no entity is cut.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "a<b", "&&&&", "<!channel>", "é\u202E", strings.Repeat("&", 50)} {
		f.Add(s, 20)
	}
	entity := regexp.MustCompile(`&(amp|lt|gt);`)
	f.Fuzz(func(t *testing.T, s string, max int) {
		max = min(max, 5000)
		if max < 1 {
			max = 1
		}
		out := escape(s, max)
		checkInert(t, out)
		if strings.Contains(entity.ReplaceAllString(out, ""), "&") {
			t.Errorf("an entity is cut in %q", out)
		}
		if n := utf8.RuneCountInString(out); n > max {
			t.Errorf("%d characters, want at most %d", n, max)
		}
	})
}

// FuzzUnescape never fails, and undoes Slack's escaping.
func FuzzUnescape(f *testing.F) {
	for _, s := range []string{"a &lt; b", "<@U1|alice> <#C1|ops> <!channel> <https://x|y>", "<<>>", "<|>", "&lt;!here&gt;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		unescape(s)
		if got := unescape(escaper.Replace(s)); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	})
}

// FuzzReadValue takes back what was written, and nothing else.
func FuzzReadValue(f *testing.F) {
	f.Add("req_01ARZ3NDEKTSV4RRFFQ69G5FAV:1")
	f.Add("req_01ARZ3NDEKTSV4RRFFQ69G5FAV:18446744073709551616")
	f.Add("req_:1")
	f.Add("-")
	f.Fuzz(func(t *testing.T, s string) {
		id, revision, ok := readValue(s)
		if ok && (!engine.ValidID(id) || revision == 0) {
			t.Errorf("%q reads as %q, %d", s, id, revision)
		}
		b := bot.Button{RequestID: "req_01ARZ3NDEKTSV4RRFFQ69G5FAV", Revision: revision + 1}
		if revision+1 > 0 {
			if id, n, ok := readValue(value(b)); !ok || id != b.RequestID || n != b.Revision {
				t.Errorf("%+v comes back as %q, %d", b, id, n)
			}
		}
	})
}

// TestMention: only what has the form of an account or of a broadcast calls anybody.
func TestMention(t *testing.T) {
	for who, want := range map[string]string{
		"channel": "<!channel>", "here": "<!here>", "S0123": "<!subteam^S0123>", "U0123": "<@U0123>", "W0123": "<@W0123>",
		"": "", "sre-leads": "", "U1> <!channel": "", "s0123": "", "C0123": "",
	} {
		if got := mentionOf(who); got != want {
			t.Errorf("%q is called by %q, want %q", who, got, want)
		}
	}
}

// TestFromSlack: an answer goes to Slack alone, whatever an envelope says.
func TestFromSlack(t *testing.T) {
	real, sim := &Client{}, &Client{opts: Options{APIURL: "http://127.0.0.1:4998/api/"}}
	for address, want := range map[string]bool{
		"https://hooks.slack.com/commands/1": true, "http://hooks.slack.com/x": false, "https://evil.example/slack.com": false,
		"https://slack.com.evil.example/x": false, "https://evilslack.com/x": false, "http://127.0.0.1:4998/x": false, "": false,
	} {
		if got := real.fromSlack(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
	if !sim.fromSlack("http://127.0.0.1:4998/hooks/1") || sim.fromSlack("http://127.0.0.1:4999/hooks/1") {
		t.Error("a simulator's own address is the only one")
	}
}
