package slacksim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

func dump(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWeb_AnswersOnlyItsOwnPage(t *testing.T) {
	r := newRig(t, func(o *slacksim.Options) {
		o.Panels = []slacksim.Panel{{Title: "cloud", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "panel "+r.URL.Path)
		})}}
	})
	h := r.sim.WebHandler()
	for name, c := range map[string]struct {
		method, path, host string
		header             map[string]string
		want               int
	}{
		"the page":                   {"GET", "/", "127.0.0.1:8080", nil, 200},
		"the page by its name":       {"GET", "/", "localhost:8080", nil, 200},
		"the page over IPv6":         {"GET", "/", "[::1]:8080", nil, 200},
		"another host":               {"GET", "/", "evil.example", nil, 403},
		"a host that looks like it":  {"GET", "/", "127.0.0.1.evil.example", nil, 403},
		"state of another host":      {"GET", "/ui/state", "evil.example:8080", nil, 403},
		"state of an address":        {"GET", "/ui/state", "192.0.2.1", nil, 403},
		"act from its own origin":    {"POST", "/ui/act", "127.0.0.1:8080", map[string]string{"Origin": "http://127.0.0.1:8080"}, 200},
		"act from another origin":    {"POST", "/ui/act", "127.0.0.1:8080", map[string]string{"Origin": "http://evil.example"}, 403},
		"act from another port":      {"POST", "/ui/act", "127.0.0.1:8080", map[string]string{"Origin": "http://127.0.0.1:9090"}, 403},
		"act from a file":            {"POST", "/ui/act", "127.0.0.1:8080", map[string]string{"Origin": "null"}, 403},
		"act across sites":           {"POST", "/ui/act", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"act as a form":              {"POST", "/ui/act", "127.0.0.1:8080", map[string]string{"Content-Type": "text/plain"}, 415},
		"a panel":                    {"GET", "/panel/0/x", "127.0.0.1:8080", nil, 200},
		"a panel of another host":    {"GET", "/panel/0/x", "evil.example", nil, 403},
		"state of nobody":            {"GET", "/ui/state?as=UNOBODY", "127.0.0.1:8080", nil, 404},
		"the bot's side is not here": {"POST", "/api/auth.test", "127.0.0.1:8080", nil, 404},
	} {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(c.method, c.path, strings.NewReader(`{"as":"UALICE","type":"open_home"}`))
			req.Host = c.host
			req.Header.Set("Content-Type", "application/json")
			for k, v := range c.header {
				req.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			if w.Code != c.want && !(c.want == 404 && w.Code == 405) {
				t.Errorf("answered %d: %s", w.Code, w.Body)
			}
			if c.want == 200 && w.Header().Get("Content-Security-Policy") == "" {
				t.Errorf("no content security policy")
			}
		})
	}
}

// state is what the page gets for one person.
func (r *rig) state(who string) map[string]any {
	r.Helper()
	req := httptest.NewRequest("GET", "/ui/state?as="+who, nil)
	req.Host = "127.0.0.1"
	w := httptest.NewRecorder()
	r.sim.WebHandler().ServeHTTP(w, req)
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		r.Fatalf("state of %s: %s", who, w.Body)
	}
	return out
}

func TestWeb_EachSeesOnlyTheirOwn(t *testing.T) {
	r := newRig(t)
	payloads := r.payloads()
	r.open(payloads, map[string]any{"callback_id": "hers"})
	bot := r.sim.BotToken()
	r.post("chat.postEphemeral", bot, map[string]any{"channel": "CREQUESTS", "user": "UALICE", "text": "whispered"})
	r.post("chat.postMessage", bot, map[string]any{"channel": "UALICE", "text": "confided"})
	r.post("chat.postMessage", bot, map[string]any{"channel": "CINCIDENTS", "text": "internal"})
	for who, sees := range map[string]map[string]bool{
		"UALICE": {"whispered": true, "confided": true, "internal": true, "hers": true},
		"UBOB":   {"whispered": false, "confided": false, "internal": true, "hers": false},
		"UDAVE":  {"whispered": false, "confided": false, "internal": false, "hers": false},
		"UERIN":  {"whispered": false, "confided": false, "internal": false, "hers": false},
	} {
		all := dump(t, r.state(who))
		for word, want := range sees {
			if got := strings.Contains(all, word); got != want {
				t.Errorf("%s sees %q: %v, want %v", who, word, got, want)
			}
		}
	}
}

func TestWeb_TextsAreRenderedSafely(t *testing.T) {
	r := newRig(t)
	evil := `<script>alert(1)</script> <!channel>`
	r.post("chat.postMessage", r.sim.BotToken(), map[string]any{"channel": "CREQUESTS", "text": evil, "blocks": []any{
		map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": evil}},
		map[string]any{"type": "header", "text": map[string]any{"type": "plain_text", "text": evil}},
	}})
	m := r.state("UALICE")["messages"].(map[string]any)["CREQUESTS"].([]any)[0].(map[string]any)
	if m["pings"].(float64) != 7 {
		t.Errorf("pings %v: the mistake is not counted", m["pings"])
	}
	blocks := m["blocks"].([]any)
	html := func(i int) string { return blocks[i].(map[string]any)["text"].(map[string]any)["html"].(string) }
	for _, h := range []string{m["text_html"].(string), html(0), html(1)} {
		if strings.Contains(h, "<script") {
			t.Errorf("rendered to %s", h)
		}
	}
	if !strings.Contains(html(0), `class="mention broadcast"`) || strings.Contains(html(1), "mention") {
		t.Errorf("mrkdwn %s, plain text %s", html(0), html(1))
	}
}
