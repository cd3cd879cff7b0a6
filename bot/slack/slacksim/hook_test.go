package slacksim_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// respond posts to a response URL.
func (r *rig) respond(url any, body string) (int, string) {
	r.Helper()
	req, err := http.NewRequestWithContext(r.ctx(), http.MethodPost, url.(string), strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	out, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(out)
}

func TestResponseURL_FiveTimesWithinHalfAnHour(t *testing.T) {
	var later atomic.Int64 // added to the clock
	r := newRig(t, func(o *slacksim.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	})
	payloads := r.payloads()
	r.slash("UALICE")
	url := (<-payloads)["response_url"]
	for n := range 5 {
		if status, out := r.respond(url, `{"text":"x"}`); status != http.StatusOK || out != "ok" {
			t.Fatalf("use %d: %d %s", n+1, status, out)
		}
	}
	if status, out := r.respond(url, `{"text":"x"}`); status != http.StatusNotFound || !strings.Contains(out, "used_url") {
		t.Errorf("sixth use: %d %s", status, out)
	}
	if n := len(r.sim.Ephemerals("UALICE")); n != 5 || len(r.sim.Messages("CREQUESTS")) != 0 {
		t.Errorf("%d ephemeral messages for Alice", n)
	}
	r.slash("UALICE")
	url = (<-payloads)["response_url"]
	later.Store(int64(30*time.Minute + time.Second))
	if status, out := r.respond(url, `{"text":"x"}`); status != http.StatusNotFound || !strings.Contains(out, "expired_url") {
		t.Errorf("late: %d %s", status, out)
	}
}

func TestResponseURL_ReplacesDeletesAndSpeaksInTheChannel(t *testing.T) {
	r := newRig(t)
	payloads := r.payloads()
	post := func(method string, more map[string]any) string {
		body := map[string]any{"channel": "CREQUESTS", "text": "x", "blocks": []any{map[string]any{"type": "actions", "elements": []any{
			map[string]any{"type": "button", "action_id": "go", "text": map[string]any{"type": "plain_text", "text": "Go"}},
		}}}}
		for k, v := range more {
			body[k] = v
		}
		_, out := r.post(method, r.sim.BotToken(), body)
		ts, _ := out["ts"].(string)
		if method == "chat.postEphemeral" {
			ts, _ = out["message_ts"].(string)
		}
		return ts
	}
	press := func(ts string) map[string]any {
		if _, err := r.sim.Person("UALICE").Press(r.ctx(), "CREQUESTS", ts, "go"); err != nil {
			t.Fatal(err)
		}
		return <-payloads
	}
	p := press(post("chat.postEphemeral", map[string]any{"user": "UALICE"}))
	if p["message"] != nil || p["container"].(map[string]any)["is_ephemeral"] != true {
		t.Errorf("a press on an ephemeral message carries %v", p)
	}
	r.respond(p["response_url"], `{"text":"new","replace_original":true}`)
	if e := r.sim.Ephemerals("UALICE"); len(e) != 1 || e[0].Text != "new" {
		t.Errorf("after replacing: %+v", e)
	}
	r.respond(p["response_url"], `{"delete_original":true}`)
	if e := r.sim.Ephemerals("UALICE"); len(e) != 0 {
		t.Errorf("after deleting: %+v", e)
	}
	p = press(post("chat.postMessage", nil))
	if p["message"] == nil {
		t.Errorf("a press on a message carries %v", p)
	}
	r.respond(p["response_url"], `{"text":"loud","response_type":"in_channel"}`)
	if m := r.sim.Messages("CREQUESTS"); len(m) != 2 || m[1].Text != "loud" {
		t.Errorf("the channel has %+v", m)
	}
}

func TestTraffic_HoldsNoSecret(t *testing.T) {
	r := newRig(t)
	payloads := r.payloads()
	r.slash("UALICE")
	p := <-payloads
	r.respond(p["response_url"], `{"text":"x"}`)
	r.post("views.open", "", map[string]any{"token": r.sim.BotToken(), "trigger_id": p["trigger_id"], "view": modal(nil)})
	r.post("chat.postMessage", r.sim.BotToken(), map[string]any{"channel": "CREQUESTS", "text": "my token is " + r.sim.BotToken()})
	all := dump(t, r.sim.Traffic())
	for _, secret := range []any{r.sim.BotToken(), r.sim.AppToken(), p["response_url"], p["trigger_id"]} {
		if strings.Contains(all, secret.(string)) {
			t.Errorf("the log of traffic holds %s", secret)
		}
	}
	for _, kind := range []string{"api", "envelope", "ack", "hook"} {
		if !strings.Contains(all, `"Kind":"`+kind+`"`) {
			t.Errorf("the log of traffic lacks any %s", kind)
		}
	}
}
