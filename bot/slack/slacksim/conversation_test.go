package slacksim_test

import (
	"sync/atomic"
	"testing"

	"github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// clerk is a small bot: it opens a form, posts a card, and redraws it when somebody presses.
type clerk struct {
	*rig
	seen [2]atomic.Int32 // envelopes by connection
}

func (b *clerk) handle(ev event) {
	b.seen[ev.client].Add(1)
	switch data := ev.Data.(type) {
	case slack.SlashCommand:
		ev.ack()
		if _, err := b.api.OpenView(data.TriggerID, form()); err != nil {
			b.Errorf("views.open: %v", err)
		}
	case slack.InteractionCallback:
		b.interact(ev, data)
	}
}

func (b *clerk) interact(ev event, in slack.InteractionCallback) {
	switch in.Type {
	case slack.InteractionTypeBlockSuggestion:
		ev.ack(slack.OptionsResponse{Options: []*slack.OptionBlockObject{
			slack.NewOptionBlockObject("admin", plain("Admin "+in.Value), nil),
		}})
	case slack.InteractionTypeViewSubmission:
		reason := in.View.State.Values["why"]["text"].Value
		if reason == "no" {
			ev.ack(slack.NewErrorsViewSubmissionResponse(map[string]string{"why": "Say more."}))
			return
		}
		ev.ack()
		approve := button("approve", "Approve", "r1").WithConfirm(
			slack.NewConfirmationBlockObject(plain("Sure?"), plain("Give access?"), plain("Yes"), plain("No")))
		_, _, err := b.api.PostMessage("CREQUESTS", slack.MsgOptionText("request", true), slack.MsgOptionBlocks(
			section("<@"+in.User.ID+"> wants "+in.View.State.Values["what"]["role"].SelectedOption.Value),
			slack.NewActionBlock("decide", approve),
		))
		if err != nil {
			b.Errorf("chat.postMessage: %v", err)
		}
	case slack.InteractionTypeBlockActions:
		ev.ack()
		if in.Container.ChannelID != in.Channel.ID || in.Message.Text != "request" || in.ActionCallback.BlockActions[0].Value != "r1" {
			b.Errorf("block_actions carries %+v", in.Container)
		}
		_, _, _, err := b.api.UpdateMessage(in.Channel.ID, in.Container.MessageTs, slack.MsgOptionText("approved", true),
			slack.MsgOptionBlocks(section("Approved by <@"+in.User.ID+">")))
		if err != nil {
			b.Errorf("chat.update: %v", err)
		}
	}
}

func TestConversation_CommandToCardWithTwoConnections(t *testing.T) {
	b := &clerk{rig: newRig(t)}
	b.connect(2, b.handle)
	alice, bob := b.sim.Person("UALICE"), b.sim.Person("UBOB")

	for range 12 { // enough for each connection to get one
		if seen, err := alice.Slash(b.ctx(), "CREQUESTS", "/jitsudo", "request"); err != nil || seen.Warning != "" {
			t.Fatalf("slash: %+v, %v", seen, err)
		}
	}
	b.wait("the form", func() bool { return b.sim.Calls("views.open") == 12 && len(b.sim.Views("UALICE")) == 1 })
	v := b.sim.Views("UALICE")[0]

	seen, err := alice.Submit(b.ctx(), v.ID, slacksim.Values{"why": {"text": "no"}})
	if err != nil || seen.Errors["what"] == "" {
		t.Fatalf("a required field was empty, and the person saw %+v, %v", seen, err)
	}
	offer, err := alice.Suggest(b.ctx(), slacksim.Action{ViewID: v.ID, ActionID: "role"}, "adm")
	if err != nil || len(offer.Options) != 1 || offer.Options[0].Text != "Admin adm" {
		t.Fatalf("suggestions: %+v, %v", offer, err)
	}
	seen, err = alice.Submit(b.ctx(), v.ID, slacksim.Values{"why": {"text": "no"}, "what": {"role": "admin"}})
	if err != nil || seen.Errors["why"] != "Say more." || seen.Modal == nil {
		t.Fatalf("refused submission: %+v, %v", seen, err)
	}
	seen, err = alice.Submit(b.ctx(), v.ID, slacksim.Values{"why": {"text": "deploy"}})
	if err != nil || seen.Modal != nil || seen.Warning != "" {
		t.Fatalf("submission: %+v, %v", seen, err)
	}
	b.wait("the card", func() bool { return len(b.sim.Messages("CREQUESTS")) == 1 })
	b.press(bob)
	if b.seen[0].Load() == 0 || b.seen[1].Load() == 0 {
		t.Errorf("envelopes went to %d and %d: want both connections used", b.seen[0].Load(), b.seen[1].Load())
	}
}

func (b *clerk) press(who slacksim.Person) {
	b.Helper()
	card := b.sim.Messages("CREQUESTS")[0]
	seen, err := who.Press(b.ctx(), "CREQUESTS", card.TS, "approve")
	if err != nil || seen.Confirm == nil || seen.Confirm.Text != "Give access?" {
		b.Fatalf("press: %+v, %v: want the confirm dialog first", seen, err)
	}
	if n := b.sim.Calls("chat.update"); n != 0 {
		b.Fatalf("the press was sent before it was confirmed")
	}
	if seen, err = who.Agree(b.ctx(), seen.Confirm); err != nil || seen.Warning != "" {
		b.Fatalf("agree: %+v, %v", seen, err)
	}
	b.wait("the redrawn card", func() bool { return b.sim.Messages("CREQUESTS")[0].Text == "approved" })
	if m := b.sim.Messages("CREQUESTS")[0]; !m.Edited || len(m.Blocks) != 1 {
		b.Errorf("the card is %+v", m)
	}
	if _, err := who.Press(b.ctx(), "CREQUESTS", card.TS, "approve"); err == nil {
		b.Errorf("the button can be pressed although it is gone")
	}
}
