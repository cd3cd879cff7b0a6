package slack_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack"
	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// checked is what Check says about a client made of changed options.
func checked(t *testing.T, world func(*slacksim.Server), change func(*slack.Options)) string {
	t.Helper()
	sim, err := slacksim.New(slacksim.OddCompany())
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim.BotHandler())
	t.Cleanup(func() { sim.Close(); srv.Close() })
	o := slack.Options{BotToken: sim.BotToken(), AppToken: sim.AppToken(), APIURL: srv.URL + "/api/", Channel: requests, AlertChannels: []string{incidents}}
	if world != nil {
		world(sim)
	}
	if change != nil {
		change(&o)
	}
	c, err := slack.New(o)
	if err == nil {
		err = c.Check(t.Context())
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestCheck: what is wrong is said in one sentence that tells how to mend it.
func TestCheck(t *testing.T) {
	scopes := func(lacks ...string) func(*slacksim.Server) {
		return func(s *slacksim.Server) {
			all := s.Scopes()
			for _, l := range lacks {
				all = without(all, l)
			}
			s.SetScopes(all...)
		}
	}
	for _, c := range []struct {
		name   string
		world  func(*slacksim.Server)
		change func(*slack.Options)
		want   string
	}{
		{"all is well", nil, nil, ""},
		{"a channel by name", nil, func(o *slack.Options) { o.Channel = "#access-requests" }, ""},
		{"no bot token", nil, func(o *slack.Options) { o.BotToken = "" }, "the bot token is missing; it is in the app's settings under OAuth & Permissions"},
		{"tokens swapped", nil, func(o *slack.Options) { o.BotToken, o.AppToken = o.AppToken, o.BotToken }, "the bot token must begin with xoxb-"},
		{"wrong bot token", nil, func(o *slack.Options) { o.BotToken = "xoxb-wrong" }, "Slack does not accept the bot token (invalid_auth). Copy it anew"},
		{"wrong app token", nil, func(o *slack.Options) { o.AppToken = "xapp-wrong" }, "Slack does not accept the app-level token (invalid_auth). Copy it anew"},
		{"tokens revoked", func(s *slacksim.Server) { s.RevokeTokens(true) }, nil, "Slack does not accept the bot token (token_revoked)"},
		{"another workspace", nil, func(o *slack.Options) { o.TeamID = "TOTHER" }, "belongs to workspace TEXAMPLE, and not to the configured TOTHER"},
		{"a scope missing", scopes("users:read.email"), nil, "lacks the scope users:read.email. Add it under OAuth & Permissions and reinstall the app."},
		{"the scope to post missing", scopes("chat:write", "im:write"), nil, "lacks the scope chat:write, im:write."},
		{"the scope to look missing", scopes("channels:read"), nil, "lacks the scope channels:read"},
		{"not in the channel", func(s *slacksim.Server) { _ = s.RemoveMember(requests, "UJITSUDO") }, nil, "The bot is not in the channel CREQUESTS, or there is none (not_in_channel). Say /invite @jitsudo there"},
		{"not in the alert channel", func(s *slacksim.Server) { _ = s.RemoveMember(incidents, "UJITSUDO") }, nil, "The bot is not in the channel CINCIDENTS"},
		{"no such channel", nil, func(o *slack.Options) { o.Channel = "CNOWHERE" }, "The bot is not in the channel CNOWHERE, or there is none (channel_not_found)"},
		{"no channel of that name", nil, func(o *slack.Options) { o.Channel = "#nowhere" }, "The bot is not in the channel #nowhere"},
		{"no channel at all", nil, func(o *slack.Options) { o.Channel = "" }, "No Slack channel is configured."},
		{"an archived channel", func(s *slacksim.Server) { _ = s.Archive(requests, true) }, nil, "The channel CREQUESTS is archived."},
		{"a shared channel", func(s *slacksim.Server) { _ = s.ShareExternally(requests, true) }, nil, "is shared with another company"},
		{"a shared channel, allowed", func(s *slacksim.Server) { _ = s.ShareExternally(requests, true) }, func(o *slack.Options) { o.AllowShared = true }, ""},
		{"wrong address", nil, func(o *slack.Options) { o.APIURL = "http://127.0.0.1:1/api/" }, "Slack cannot be reached (auth.test)"},
		{"a bad gateway", func(s *slacksim.Server) { s.SetOutage(slacksim.Unavailable) }, nil, "Slack does not answer properly (auth.test: HTTP 503)."},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := checked(t, c.world, c.change)
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("Check says %q, want %q", got, c.want)
			}
			if strings.Contains(got, "xoxb-sim") || strings.Contains(got, "xapp-sim") {
				t.Errorf("Check gives a token away: %q", got)
			}
		})
	}
}

// TestShow_NotInChannel: losing the channel later is said on the record, and
// nothing is lost.
func TestShow_NotInChannel(t *testing.T) {
	r := newRig(t)
	if err := r.sim.RemoveMember(requests, "UJITSUDO"); err != nil {
		t.Fatal(err)
	}
	q := r.ask("request sandbox editor prod 20m please")
	r.wantText("the trouble on record", r.get(q.ID).Drawing.Error, "The bot is not in the channel CREQUESTS", "/invite @jitsudo")
	if err := r.sim.AddMember(requests, "UJITSUDO"); err != nil {
		t.Fatal(err)
	}
	r.later(2 * time.Minute)
	r.wantText("the card", textOf(r.card(q)), "Waiting for approval")
}
