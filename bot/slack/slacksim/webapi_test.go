package slacksim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// post calls a method by hand. A form goes out as one, anything else as JSON.
func (r *rig) post(method, token string, body any) (status int, out map[string]any) {
	r.Helper()
	kind, text := "application/json; charset=utf-8", ""
	if form, isForm := body.(url.Values); isForm {
		kind, text = "application/x-www-form-urlencoded", form.Encode()
	} else {
		raw, err := json.Marshal(body)
		if err != nil {
			r.Fatal(err)
		}
		text = string(raw)
	}
	req, err := http.NewRequestWithContext(r.ctx(), http.MethodPost, r.url+"/api/"+method, strings.NewReader(text))
	if err != nil {
		r.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Origin", "https://api.slack.com")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out); err != nil && resp.StatusCode == http.StatusOK {
		r.Fatalf("%s answered %s", method, raw)
	}
	return resp.StatusCode, out
}

func TestWebAPI_TokensAndScopes(t *testing.T) {
	r := newRig(t)
	r.sim.SetScopes("chat:write", "users:read")
	msg := map[string]any{"channel": "CREQUESTS", "text": "x"}
	for _, c := range []struct {
		name, method, token, want string
		body                      any
	}{
		{"no token: not_authed", "auth.test", "", "not_authed", nil},
		{"unknown token: invalid_auth", "auth.test", "xoxb-1", "invalid_auth", nil},
		{"app token for a method: not_allowed_token_type", "auth.test", r.sim.AppToken(), "not_allowed_token_type", nil},
		{"bot token for a connection: not_allowed_token_type", "apps.connections.open", r.sim.BotToken(), "not_allowed_token_type", nil},
		{"app token in the body: insecure_request", "apps.connections.open", "", "insecure_request", url.Values{"token": {r.sim.AppToken()}}},
		{"no such method: unknown_method", "chat.shout", r.sim.BotToken(), "unknown_method", nil},
		{"no scope: missing_scope", "usergroups.list", r.sim.BotToken(), "missing_scope", nil},
		{"no scope for the kind of channel: missing_scope", "conversations.info", r.sim.BotToken(), "missing_scope", msg},
		{"token in the form: ok", "chat.postMessage", "", "", url.Values{"token": {r.sim.BotToken()}, "channel": {"CREQUESTS"}, "text": {"x"}}},
		{"token in the JSON body: ok", "chat.postMessage", "", "", map[string]any{"token": r.sim.BotToken(), "channel": "CREQUESTS", "text": "x"}},
		{"token in the header: ok", "chat.postMessage", r.sim.BotToken(), "", msg},
		{"blocks as a string: ok", "chat.postMessage", r.sim.BotToken(), "", url.Values{"channel": {"CREQUESTS"}, "blocks": {`[{"type":"divider"}]`}}},
		{"blocks as JSON: ok", "chat.postMessage", r.sim.BotToken(), "", map[string]any{"channel": "CREQUESTS", "blocks": []any{map[string]any{"type": "divider"}}}},
		{"blocks that are no list: invalid_blocks_format", "chat.postMessage", r.sim.BotToken(), "invalid_blocks_format", url.Values{"channel": {"CREQUESTS"}, "blocks": {`{`}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out := r.post(c.method, c.token, c.body)
			got, _ := out["error"].(string)
			if status != http.StatusOK || got != c.want || out["ok"] != (c.want == "") {
				t.Errorf("status %d, body %v; want error %q", status, out, c.want)
			}
			if c.want == "missing_scope" && (out["needed"] == "" || out["provided"] != "chat:write,users:read") {
				t.Errorf("needed %v, provided %v", out["needed"], out["provided"])
			}
		})
	}
}

func TestWebAPI_RateLimitAnswers429WithRetryAfter(t *testing.T) {
	r := newRig(t)
	r.sim.RateLimit("chat.postMessage", 1, 2*time.Second)
	_, _, err := r.api.PostMessage("CREQUESTS")
	if err == nil || !strings.Contains(err.Error(), "retry after 2s") {
		t.Fatalf("first call: %v", err)
	}
	if _, out := r.post("chat.postMessage", r.sim.BotToken(), map[string]any{"channel": "CREQUESTS", "text": "x"}); out["ok"] != true {
		t.Errorf("second call: %v", out)
	}
}

func TestWebAPI_TiersAreEnforcedWhereAsked(t *testing.T) {
	r := newRig(t, func(o *slacksim.Options) { o.EnforceTiers = true })
	last := 0
	for range 21 { // 20 a minute
		last, _ = r.post("users.list", r.sim.BotToken(), nil)
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the 21st call of a method of tier 2 answered %d", last)
	}
}

func TestWebAPI_MembershipDecidesWhereToPost(t *testing.T) {
	r := newRig(t, func(o *slacksim.Options) {
		o.Channels = append(o.Channels,
			slacksim.Channel{ID: "CSECRET", Name: "secret", Private: true, Members: []string{"UALICE"}},
			slacksim.Channel{ID: "COLD", Name: "old", Archived: true, Members: []string{"UALICE", "UJITSUDO"}})
	})
	bot := r.sim.BotToken()
	for _, c := range []struct {
		name, method, want string
		body               map[string]any
	}{
		{"public and not a member: not_in_channel", "chat.postMessage", "not_in_channel", map[string]any{"channel": "CACME", "text": "x"}},
		{"private and not a member: channel_not_found", "chat.postMessage", "channel_not_found", map[string]any{"channel": "CSECRET", "text": "x"}},
		{"private and not a member, asked about: channel_not_found", "conversations.info", "channel_not_found", map[string]any{"channel": "CSECRET"}},
		{"archived: is_archived", "chat.postMessage", "is_archived", map[string]any{"channel": "COLD", "text": "x"}},
		{"nothing said: no_text", "chat.postMessage", "no_text", map[string]any{"channel": "CREQUESTS"}},
		{"ephemeral for a stranger to the channel: user_not_in_channel", "chat.postEphemeral", "user_not_in_channel", map[string]any{"channel": "CREQUESTS", "user": "UERIN", "text": "x"}},
		{"direct message to a deactivated account: user_disabled", "conversations.open", "user_disabled", map[string]any{"users": "UFRANK"}},
		{"direct message to nobody: user_not_found", "conversations.open", "user_not_found", map[string]any{"users": "UNOBODY"}},
		{"join without the scope: missing_scope", "conversations.join", "missing_scope", map[string]any{"channel": "CACME"}},
		{"mail address of nobody: users_not_found", "users.lookupByEmail", "users_not_found", map[string]any{"email": "x@example.com"}},
		{"reaction to nothing: message_not_found", "reactions.add", "message_not_found", map[string]any{"channel": "CREQUESTS", "timestamp": "1.000001", "name": "eyes"}},
		{"update of nothing: message_not_found", "chat.update", "message_not_found", map[string]any{"channel": "CREQUESTS", "ts": "1.000001", "text": "x"}},
		{"group that is none: no_such_subteam", "usergroups.users.list", "no_such_subteam", map[string]any{"usergroup": "S0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, out := r.post(c.method, bot, c.body); out["error"] != c.want {
				t.Errorf("answered %v, want %s", out, c.want)
			}
		})
	}
}

func TestWebAPI_OthersMessagesCannotBeChanged(t *testing.T) {
	r := newRig(t)
	m, err := r.sim.Person("UALICE").Say(r.ctx(), "CREQUESTS", "mine")
	if err != nil {
		t.Fatal(err)
	}
	for method, want := range map[string]string{"chat.update": "cant_update_message", "chat.delete": "cant_delete_message"} {
		if _, out := r.post(method, r.sim.BotToken(), map[string]any{"channel": "CREQUESTS", "ts": m.TS, "text": "x"}); out["error"] != want {
			t.Errorf("%s answered %v, want %s", method, out, want)
		}
	}
}

func TestWebAPI_UserFlagsAreTold(t *testing.T) {
	r := newRig(t)
	check := func(id string, holds bool) {
		t.Helper()
		if !holds {
			t.Errorf("the flags of %s are not told", id)
		}
	}
	users, err := r.api.GetUsers()
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		switch u.ID {
		case "UALICE":
			check(u.ID, !u.Deleted && !u.IsRestricted && u.IsEmailConfirmed && u.Profile.Email == "alice@example.com" && u.TeamID == "TEXAMPLE")
		case "UDAVE":
			check(u.ID, u.IsRestricted && !u.IsUltraRestricted)
		case "UERIN":
			check(u.ID, u.IsStranger && u.TeamID == "TACME" && u.Profile.Email == "")
		case "UFRANK":
			check(u.ID, u.Deleted)
		case "UGRACE":
			check(u.ID, !u.IsEmailConfirmed)
		case "UHEIDI":
			check(u.ID, u.IsInvitedUser)
		case "UROBOT":
			check(u.ID, u.IsBot)
		}
	}
	r.sim.FailUserInfo("UALICE", "internal_error")
	if _, err := r.api.GetUserInfo("UALICE"); err == nil || err.Error() != "internal_error" {
		t.Errorf("users.info on purpose failing: %v", err)
	}
}

func TestWebAPI_OutageAndReturn(t *testing.T) {
	r := newRig(t)
	for name, o := range map[string]slacksim.Outage{"503": slacksim.Unavailable, "hangs up": slacksim.HangingUp} {
		r.sim.SetOutage(o)
		if _, err := r.api.AuthTest(); err == nil {
			t.Errorf("%s: auth.test answered", name)
		}
		r.sim.SetOutage(slacksim.Up)
		if _, err := r.api.AuthTest(); err != nil {
			t.Errorf("%s: after its end: %v", name, err)
		}
	}
}
