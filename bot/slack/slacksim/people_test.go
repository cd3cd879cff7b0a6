package slacksim_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

func TestPerson_CannotDoWhatSlackDoesNotOffer(t *testing.T) {
	r := newRig(t)
	payloads := r.payloads()
	id := r.open(payloads, nil)
	r.post("chat.postMessage", r.sim.BotToken(), map[string]any{"channel": "CINCIDENTS", "text": "x"})
	ts := r.sim.Messages("CINCIDENTS")[0].TS
	ctx := r.ctx()
	for name, try := range map[string]func() error{
		"a deactivated person types":            func() error { _, err := r.sim.Person("UFRANK").Say(ctx, "CREQUESTS", "x"); return err },
		"nobody types":                          func() error { _, err := r.sim.Person("UNOBODY").Say(ctx, "CREQUESTS", "x"); return err },
		"a person types where they are not":     func() error { _, err := r.sim.Person("UERIN").Say(ctx, "CREQUESTS", "x"); return err },
		"a person presses where they are not":   func() error { _, err := r.sim.Person("UDAVE").Press(ctx, "CINCIDENTS", ts, "x"); return err },
		"a person presses what is not there":    func() error { _, err := r.sim.Person("UALICE").Press(ctx, "CINCIDENTS", ts, "x"); return err },
		"a person submits somebody else's form": func() error { _, err := r.sim.Person("UBOB").Submit(ctx, id, nil); return err },
		"a person closes somebody else's form":  func() error { _, err := r.sim.Person("UBOB").Close(ctx, id); return err },
		"a person fills in what is not there": func() error {
			_, err := r.sim.Person("UALICE").Submit(ctx, id, slacksim.Values{"no": {"no": "x"}})
			return err
		},
		"a person uses a command that is none": func() error { _, err := r.sim.Person("UALICE").Slash(ctx, "CREQUESTS", "/no", ""); return err },
	} {
		t.Run(name, func(t *testing.T) {
			if err := try(); !errors.Is(err, slacksim.ErrCannot) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPerson_TypedTextIsEscapedAndNamesResolved(t *testing.T) {
	r := newRig(t)
	payloads := r.payloads()
	if _, err := r.sim.Person("UALICE").Slash(r.ctx(), "CREQUESTS", "/jitsudo", "ask @bob in #incidents & <!channel> @nobody"); err != nil {
		t.Fatal(err)
	}
	want := "ask <@UBOB|bob> in <#CINCIDENTS|incidents> &amp; &lt;!channel&gt; @nobody"
	if got := (<-payloads)["text"]; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	m, err := r.sim.Person("UALICE").Say(r.ctx(), "CREQUESTS", "@jitsudo hey <b>")
	if err != nil || m.Text != "<@UJITSUDO> hey &lt;b&gt;" {
		t.Errorf("said %q, %v", m.Text, err)
	}
	if e := (<-payloads)["event"].(map[string]any); e["type"] != "app_mention" || e["channel"] != "CREQUESTS" {
		t.Errorf("event %v", e)
	}
}

func TestThread_CountsRepliesAndKeepsThemOutOfTheChannel(t *testing.T) {
	r := newRig(t)
	_, parent, err := r.api.PostMessage("CREQUESTS", slack.MsgOptionText("card", true))
	if err != nil {
		t.Fatal(err)
	}
	_, reply, err := r.api.PostMessage("CREQUESTS", slack.MsgOptionText("line", true), slack.MsgOptionTS(parent))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.api.PostMessage("CREQUESTS", slack.MsgOptionText("both", true), slack.MsgOptionTS(reply), slack.MsgOptionBroadcast()); err != nil {
		t.Fatal(err)
	}
	top, thread := r.sim.Messages("CREQUESTS"), r.sim.Thread("CREQUESTS", parent)
	if len(top) != 2 || top[0].ReplyCount != 2 || len(thread) != 3 || thread[1].ThreadTS != parent {
		t.Errorf("channel %+v, thread %+v", top, thread)
	}
	if _, _, err := r.api.PostMessage("CREQUESTS", slack.MsgOptionText("x", true), slack.MsgOptionTS("1.000001")); err == nil {
		t.Errorf("a reply to nothing is taken")
	}
	if _, _, err := r.api.DeleteMessage("CREQUESTS", reply); err != nil || r.sim.Messages("CREQUESTS")[0].ReplyCount != 1 {
		t.Errorf("after deleting a reply: %+v, %v", r.sim.Messages("CREQUESTS")[0], err)
	}
}

func TestMessage_MetadataAndBlocksOnUpdate(t *testing.T) {
	r := newRig(t)
	meta := map[string]any{"event_type": "e", "event_payload": map[string]any{"id": "1"}}
	_, out := r.post("chat.postMessage", r.sim.BotToken(), map[string]any{"channel": "CREQUESTS", "text": "x", "metadata": meta, "blocks": []any{map[string]any{"type": "divider"}}})
	for _, c := range []struct {
		name   string
		change map[string]any
		blocks int
		meta   bool
	}{
		{"left out: kept", map[string]any{"text": "y"}, 1, true},
		{"given: replaced", map[string]any{"text": "y", "blocks": []any{map[string]any{"type": "divider"}, map[string]any{"type": "divider"}}, "metadata": map[string]any{}}, 2, false},
		{"empty: removed", map[string]any{"text": "y", "blocks": []any{}}, 0, false},
	} {
		c.change["channel"], c.change["ts"] = "CREQUESTS", out["ts"]
		if _, got := r.post("chat.update", r.sim.BotToken(), c.change); got["ok"] != true {
			t.Fatalf("%s: %v", c.name, got)
		}
		if m := r.sim.Messages("CREQUESTS")[0]; len(m.Blocks) != c.blocks || (m.Metadata != nil) != c.meta {
			t.Errorf("%s: %d blocks, metadata %v", c.name, len(m.Blocks), m.Metadata)
		}
	}
}

func TestForge_AnybodyPressesAnything(t *testing.T) {
	r := newRig(t)
	payloads := r.payloads()
	fake, err := r.sim.PostAs("UJITSUDO", slacksim.Message{Channel: "CREQUESTS", Text: "card", Blocks: []any{
		map[string]any{"type": "actions", "elements": []any{map[string]any{
			"type": "button", "action_id": "approve", "value": "r1", "text": map[string]any{"type": "plain_text", "text": "Yes"},
		}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"UERIN", "UFRANK"} { // not in the channel; deactivated
		p, err := r.sim.PressPayload(who, "CREQUESTS", fake.TS, "approve")
		if err != nil {
			t.Fatal(err)
		}
		if out, err := r.sim.Forge(r.ctx(), "interactive", p); err != nil || out.Code != "" {
			t.Fatalf("forge: %+v, %v", out, err)
		}
		got := <-payloads
		if u := got["user"].(map[string]any); u["id"] != who || got["message"].(map[string]any)["ts"] != fake.TS {
			t.Errorf("the app was told %v", got)
		}
	}
	if u, _ := r.sim.User("UERIN"); u.TeamID != "TACME" {
		t.Errorf("the stranger's team is %s", u.TeamID)
	}
}

func TestChange_IsSeenByTheNextCall(t *testing.T) {
	r := newRig(t)
	if err := r.sim.ChangeUser("UALICE", func(u *slacksim.User) { u.Email = "new@example.com"; u.IsRestricted = true }); err != nil {
		t.Fatal(err)
	}
	if u, err := r.api.GetUserInfo("UALICE"); err != nil || u.Profile.Email != "new@example.com" || !u.IsRestricted {
		t.Errorf("users.info: %+v, %v", u, err)
	}
	if err := errors.Join(r.sim.ShareExternally("CREQUESTS", true), r.sim.AddMember("CREQUESTS", "UERIN"), r.sim.RemoveMember("CREQUESTS", "UBOB")); err != nil {
		t.Fatal(err)
	}
	c, err := r.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "CREQUESTS"})
	if err != nil || !c.IsExtShared || !slices.Equal(c.SharedTeamIDs, []string{"TEXAMPLE", "TACME"}) {
		t.Errorf("conversations.info: %+v, %v", c, err)
	}
	members, _, err := r.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: "CREQUESTS"})
	if err != nil || slices.Contains(members, "UBOB") || !slices.Contains(members, "UERIN") {
		t.Errorf("conversations.members: %v, %v", members, err)
	}
	if err := r.sim.SetUsergroup("SLEADS", []string{"UCAROL"}); err != nil {
		t.Fatal(err)
	}
	if ids, err := r.api.GetUserGroupMembers("SLEADS"); err != nil || !slices.Equal(ids, []string{"UCAROL"}) {
		t.Errorf("usergroups.users.list: %v, %v", ids, err)
	}
	r.sim.RevokeTokens(true)
	if _, err := r.api.AuthTest(); err == nil || err.Error() != "token_revoked" {
		t.Errorf("with a revoked token: %v", err)
	}
}

func TestNew_RefusesWhatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*slacksim.Options){
		"a person twice":         func(o *slacksim.Options) { o.People = append(o.People, o.People[0]) },
		"a member that is none":  func(o *slacksim.Options) { o.Channels[0].Members = []string{"UNOBODY"} },
		"an app without a user":  func(o *slacksim.Options) { o.App.BotUser = "" },
		"a channel without a id": func(o *slacksim.Options) { o.Channels[0].ID = "" },
	} {
		t.Run(name, func(t *testing.T) {
			o := slacksim.DemoCompany()
			change(&o)
			if _, err := slacksim.New(o); err == nil {
				t.Errorf("taken")
			}
		})
	}
}
