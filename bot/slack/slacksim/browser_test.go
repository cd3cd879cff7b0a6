package slacksim_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

func TestPage(t *testing.T) {
	b := browser(t)
	cases := []struct {
		name string
		run  func(*page)
	}{
		{"command_and_form_work_by_keyboard_alone", pageForms},
		{"confirm_is_asked_before_a_press_and_threads_open", pageConfirms},
		{"ephemeral_is_seen_by_one_person_only", pageEphemerals},
		{"window_becomes_somebody_else", pageBecomes},
		{"home_page_opens_a_form", pageHome},
		{"markup_in_texts_makes_no_elements", pageMarkup},
		{"typed_text_and_focus_survive_news", pageKeepsTyping},
		{"mention_shows_how_many_were_pinged", pagePings},
		{"focus_stays_inside_a_form", pageTraps},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(newPage(t, b, slacksim.Options{}, false)) })
	}
	t.Run("silent_app_becomes_a_warning", func(t *testing.T) {
		p := newPage(t, b, slacksim.Options{Timing: slacksim.Timing{Ack: 300 * time.Millisecond}}, true)
		p.focused("composer")
		p.types("/jitsudo request\r")
		p.sees("toast")
		p.click("toast-dismiss")
		p.seesNo("toast")
	})
}

func pageForms(p *page) {
	p.focused("composer")
	p.types("/jitsudo request")
	p.sees("composer-hint")
	p.types(kb.Enter)
	p.focused("input-role")
	p.types("e")
	p.sees("option-admin")
	p.types(kb.ArrowDown + kb.Enter)
	p.holds("Admin", "input-role")
	p.tabTo("input-scope")
	p.types("produ")
	p.until(`document.querySelectorAll('[role=option]').length === 1`)
	p.types(kb.Enter)
	p.holds("Production", "input-scope")
	p.tabTo("input-duration")
	p.types("9h")
	p.do(chromedp.KeyEvent(kb.Enter)) // too early: the reason is missing
	p.sees("error-reason")
	p.focused("input-reason")
	p.types("fix <the> thing")
	p.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.reads("At most 8h.", "error-duration")
	p.focused("input-duration")
	p.holds("fix <the> thing", "input-reason")
	p.types(kb.Backspace + kb.Backspace + "1h")
	p.seesNo("error-duration")
	p.tabTo("input-approver")
	p.types("bob")
	p.sees("option-UBOB")
	p.types(kb.Enter)
	p.holds("Bob Bramble", "input-approver")
	p.tabTo("option-now")
	p.types(kb.ArrowDown)
	p.until(`document.querySelector('[data-test="option-later"]').checked`)
	p.tabTo("option-tell")
	p.types(" ")
	p.tabTo("modal-submit")
	p.types(kb.Enter)
	p.seesNo("modal")
	p.reads("admin/prod/1h/UBOB/later/tell", "messages", "block-what")
	p.reads("fix <the> thing", "messages", "block-why")
	p.focused("composer")
}

func pageConfirms(p *page) {
	_, ts, err := p.bot.PostMessageContext(p.ctx, "CREQUESTS", slack.MsgOptionText("A request", false), slack.MsgOptionBlocks(pageCard("UALICE", "editor", "deploy", true)...))
	if err != nil {
		p.t.Fatalf("post card: %v", err)
	}
	p.visit("UBOB", "CREQUESTS")
	p.sees("messages", "button-approve")
	p.do(chromedp.Focus(chromedp.CSS(at("messages", "button-approve"))))
	p.types(kb.Enter)
	p.reads("It is live at once.", "confirm")
	p.focused("confirm-ok")
	p.types(kb.Escape)
	p.seesNo("confirm")
	p.focused("button-approve")
	if got := len(p.sim.Thread("CREQUESTS", ts)); got > 1 {
		p.t.Fatalf("a refused question was sent all the same: the thread has %d messages", got)
	}
	p.types(kb.Enter)
	p.focused("confirm-ok")
	p.types(kb.Enter)
	p.reads("approved by @bob", "messages", "message-"+ts)
	p.sees("messages", "edited-"+ts)
	p.focused("message-" + ts) // the button is gone
	p.reads("1 reply", "thread-"+ts)
	p.click("thread-" + ts)
	p.reads("Live now.", "thread")
	p.focused("thread-composer")
	p.types("thanks\r")
	p.reads("thanks", "thread-messages")
	p.reads("2 replies", "messages", "thread-"+ts)
	p.types(kb.Escape)
	p.seesNo("thread")
	p.focused("message-" + ts)
}

func pageEphemerals(p *page) {
	p.focused("composer")
	p.types("/jitsudo help\r")
	p.sees("messages", "only-visible-to-you")
	p.reads("Only you see this help.", "messages")
	p.until(`[...document.querySelectorAll('[data-body] b, [data-body] strong')].some((el) => el.textContent === 'you')`)
	p.visit("UBOB", "CREQUESTS")
	p.sees("composer")
	p.seesNo("only-visible-to-you")
}

func pageBecomes(p *page) {
	p.focused("composer")
	p.types("half a th")
	p.do(chromedp.Focus(chromedp.CSS(at("as-switch"))))
	p.types(kb.Enter)
	p.focused("as-alice")
	p.reads("Guest", "as-dave")
	p.reads("Other company", "as-erin")
	p.types(kb.ArrowDown + kb.Enter)
	p.reads("Bob Bramble", "as-name")
	p.until(`location.hash.includes("as=UBOB") && document.documentElement.dataset.ready === "UBOB"`)
	p.holds("", "composer")
	p.click("as-switch")
	p.click("as-alice")
	p.reads("Alice Aalto", "as-name")
	p.holds("half a th", "composer")
	p.click("channel-incidents")
	p.reads("incidents", "title")
	p.do(chromedp.NavigateBack())
	p.reads("access-requests", "title")
	p.reads("shared", "channel-with-acme")
}

func pageHome(p *page) {
	p.click("app-jitsudo")
	p.reads("Your access", "home")
	p.click("home", "button-ask")
	p.sees("modal")
	p.types(kb.Escape)
	p.seesNo("modal")
	p.focused("button-ask")
	p.click("tab-messages")
	p.sees("composer")
}

const markup = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script><b id=bold>*x*</b>`

func pageMarkup(p *page) {
	if _, err := p.sim.Person("UALICE").Say(p.ctx, "CREQUESTS", "alice "+markup); err != nil {
		p.t.Fatal(err)
	}
	confirm := slack.NewConfirmationBlockObject(plainText("t "+markup), plainText("q "+markup), plainText("<i>yes</i>"), plainText("<i>no</i>"))
	button := slack.NewButtonBlockElement("evil", "1", plainText("<b id=bold>press</b>")).WithConfirm(confirm)
	cards := []slack.Block{
		slack.NewHeaderBlock(plainText("head " + markup)),
		slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "mrkdwn "+markup+" <javascript:alert(1)|link>", false, false), nil, nil),
		slack.NewSectionBlock(plainText("plain "+markup), nil, nil),
		slack.NewRichTextBlock("rich", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("rich "+markup, nil))),
		slack.NewActionBlock("row", button),
	}
	if _, _, err := p.bot.PostMessageContext(p.ctx, "CREQUESTS", slack.MsgOptionText("bot "+markup, false)); err != nil {
		p.t.Fatal(err)
	}
	if _, _, err := p.bot.PostMessageContext(p.ctx, "CREQUESTS", slack.MsgOptionText("x", false), slack.MsgOptionBlocks(cards...)); err != nil {
		p.t.Fatal(err)
	}
	for _, start := range []string{"alice <img", "head <img", "plain <img", "rich <img"} {
		p.reads(start, "messages")
	}
	p.click("messages", "button-evil")
	p.reads("q <img", "confirm")
	bad := ask[[]string](p, `[...document.querySelectorAll('#app img, #app script, #dialogs img, #dialogs script, #bold, [onerror], a[href^="javascript:"]')].map((el) => el.outerHTML)
		.concat(window.pwned ? ['a script ran'] : [])`)
	if len(bad) > 0 {
		p.t.Fatalf("text became elements: %q", bad)
	}
}

func pageKeepsTyping(p *page) {
	p.focused("composer")
	p.types("half")
	says := func(text string) {
		if _, _, err := p.bot.PostMessageContext(p.ctx, "CREQUESTS", slack.MsgOptionText(text, false)); err != nil {
			p.t.Fatal(err)
		}
		p.reads(text, "messages")
	}
	says("first news")
	p.reads("first news", "live")
	p.types(" done")
	p.holds("half done", "composer")
	p.focused("composer")
	for range "half done" {
		p.types(kb.Backspace)
	}
	p.types("/jitsudo request\r")
	p.focused("input-role")
	p.tabTo("input-reason")
	p.types("because")
	says("second news")
	p.types(" of it")
	p.holds("because of it", "input-reason")
	p.focused("input-reason")
}

func pagePings(p *page) {
	_, ts, err := p.bot.PostMessageContext(p.ctx, "CREQUESTS", slack.MsgOptionText("<!channel> look", false))
	if err != nil {
		p.t.Fatal(err)
	}
	p.reads("pinged ", "pings-"+ts)
	if pinged := p.sim.Messages("CREQUESTS"); len(pinged) != 1 || len(pinged[0].Pings) == 0 {
		p.t.Fatalf("the post should have pinged people: %+v", pinged)
	}
}

func pageTraps(p *page) {
	p.focused("composer")
	p.types("/jitsudo request\r")
	p.focused("input-role")
	for range 25 {
		p.types(kb.Tab)
		if ask[bool](p, `!document.activeElement.closest('[role=dialog]')`) {
			p.t.Fatal("Tab left the form")
		}
	}
	p.types(kb.Escape)
	p.seesNo("modal")
	p.focused("composer")
}
