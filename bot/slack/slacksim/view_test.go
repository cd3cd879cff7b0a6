package slacksim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// payloads lets a bot acknowledge everything and hands the payloads over.
func (r *rig) payloads() <-chan map[string]any {
	out := make(chan map[string]any, 16)
	r.connect(1, func(ev event) {
		ev.ack()
		var p map[string]any
		if err := json.Unmarshal(ev.Request.Payload, &p); err != nil {
			r.Errorf("payload: %v", err)
		}
		out <- p
	})
	return out
}

func (r *rig) slash(who string) {
	r.Helper()
	if seen, err := r.sim.Person(who).Slash(r.ctx(), "CREQUESTS", "/jitsudo", "x"); err != nil || seen.Warning != "" {
		r.Fatalf("slash: %+v, %v", seen, err)
	}
}

// modal is a modal as JSON, with one input block and whatever is changed about it.
func modal(change map[string]any) map[string]any {
	v := map[string]any{
		"type": "modal", "title": map[string]any{"type": "plain_text", "text": "T"}, "submit": map[string]any{"type": "plain_text", "text": "S"},
		"blocks": []any{map[string]any{
			"type": "input", "block_id": "why", "label": map[string]any{"type": "plain_text", "text": "L"},
			"element": map[string]any{"type": "plain_text_input", "action_id": "text"},
		}},
	}
	for k, x := range change {
		if v[k] = x; x == nil {
			delete(v, k)
		}
	}
	return v
}

// open opens a modal for Alice and returns its id.
func (r *rig) open(payloads <-chan map[string]any, change map[string]any) string {
	r.Helper()
	r.slash("UALICE")
	_, out := r.post("views.open", r.sim.BotToken(), map[string]any{"trigger_id": (<-payloads)["trigger_id"], "view": modal(change)})
	if out["ok"] != true {
		r.Fatalf("views.open: %v", out)
	}
	return out["view"].(map[string]any)["id"].(string)
}

func TestTrigger_WorksOnceAndForThreeSeconds(t *testing.T) {
	var later atomic.Int64 // added to the clock
	r := newRig(t, func(o *slacksim.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	})
	payloads := r.payloads()
	ask := func(id any) any {
		_, out := r.post("views.open", r.sim.BotToken(), map[string]any{"trigger_id": id, "view": modal(nil)})
		return out["error"]
	}
	r.slash("UALICE")
	id := (<-payloads)["trigger_id"]
	if got := ask(id); got != nil {
		t.Errorf("first use: %v", got)
	}
	if got := ask(id); got != "exchanged_trigger_id" {
		t.Errorf("second use: %v", got)
	}
	if got := ask("1.2.junk"); got != "invalid_trigger_id" {
		t.Errorf("junk: %v", got)
	}
	r.slash("UALICE")
	id = (<-payloads)["trigger_id"]
	later.Store(int64(3*time.Second + time.Millisecond))
	if got := ask(id); got != "expired_trigger_id" {
		t.Errorf("late: %v", got)
	}
}

func TestView_RulesOfAModal(t *testing.T) {
	r := newRig(t)
	payloads := r.payloads()
	words := func(n int) map[string]any { return map[string]any{"type": "plain_text", "text": text(n)} }
	focus := func(id string) map[string]any {
		return map[string]any{"type": "input", "label": words(1), "element": map[string]any{"type": "plain_text_input", "action_id": id, "focus_on_load": true}}
	}
	for name, c := range map[string]struct {
		change map[string]any
		want   string // part of the messages, or the error; empty: taken
	}{
		"title of 24":             {map[string]any{"title": words(24)}, ""},
		"title of 25":             {map[string]any{"title": words(25)}, "/view/title/text"},
		"submit of 25":            {map[string]any{"submit": words(25)}, "/view/submit/text"},
		"close of 25":             {map[string]any{"close": words(25)}, "/view/close/text"},
		"no title":                {map[string]any{"title": nil}, "missing required field: title"},
		"inputs without a submit": {map[string]any{"submit": nil}, "/view/submit"},
		"no blocks":               {map[string]any{"blocks": []any{}}, "/view/blocks"},
		"100 blocks":              {map[string]any{"blocks": repeat(map[string]any{"type": "divider"}, 100)}, ""},
		"101 blocks":              {map[string]any{"blocks": repeat(map[string]any{"type": "divider"}, 101)}, "/view/blocks"},
		"metadata of 3000":        {map[string]any{"private_metadata": text(3000)}, ""},
		"metadata of 3001":        {map[string]any{"private_metadata": text(3001)}, "/view/private_metadata"},
		"two in focus":            {map[string]any{"blocks": []any{focus("a"), focus("b")}}, "focus_on_load"},
		"unknown key":             {map[string]any{"colour": "red"}, "colour"},
		"a home where a modal is": {map[string]any{"type": "home"}, "/view/type"},
		"over 250 kB":             {map[string]any{"blocks": repeat(map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text(2999)}}, 60)}, "view_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			r.slash("UALICE")
			_, out := r.post("views.open", r.sim.BotToken(), map[string]any{"trigger_id": (<-payloads)["trigger_id"], "view": modal(c.change)})
			said := fmt.Sprint(out["error"], out["response_metadata"])
			if (c.want == "") != (out["ok"] == true) || !strings.Contains(said, c.want) {
				t.Errorf("answered %v, want %q", out, c.want)
			}
		})
	}
}

func TestView_StackOfThree(t *testing.T) {
	r := newRig(t)
	payloads := r.payloads()
	r.open(payloads, nil)
	push := func() any {
		r.slash("UALICE")
		_, out := r.post("views.push", r.sim.BotToken(), map[string]any{"trigger_id": (<-payloads)["trigger_id"], "view": modal(nil)})
		return out["error"]
	}
	for n, want := range []any{nil, nil, "push_limit_reached"} {
		if got := push(); got != want {
			t.Errorf("push %d: %v, want %v", n+2, got, want)
		}
	}
	if n := len(r.sim.Views("UALICE")); n != 3 {
		t.Errorf("%d modals are open", n)
	}
}

func TestView_HashAndExternalID(t *testing.T) {
	r := newRig(t)
	payloads := r.payloads()
	first := r.open(payloads, map[string]any{"external_id": "e1"})
	update := func(args map[string]any) any {
		args["view"] = modal(map[string]any{"external_id": args["external"]})
		_, out := r.post("views.update", r.sim.BotToken(), args)
		return out["error"]
	}
	hash := r.sim.Views("UALICE")[0].Hash
	if got := update(map[string]any{"view_id": first, "hash": hash}); got != nil {
		t.Errorf("with the right hash: %v", got)
	}
	if got := update(map[string]any{"view_id": first, "hash": hash}); got != "hash_conflict" {
		t.Errorf("with an old hash: %v", got)
	}
	if got := update(map[string]any{"view_id": "V0"}); got != "not_found" {
		t.Errorf("of no view: %v", got)
	}
	if _, err := r.api.PublishView(slack.PublishViewContextRequest{}.UserID, slack.HomeTabViewRequest{}, ""); err == nil {
		t.Errorf("a home for nobody is taken")
	}
	home := func(id string) any {
		_, out := r.post("views.publish", r.sim.BotToken(), map[string]any{"user_id": "UBOB", "view": map[string]any{
			"type": "home", "external_id": id, "blocks": []any{map[string]any{"type": "divider"}},
		}})
		return out["error"]
	}
	if got := update(map[string]any{"view_id": first, "external": "e2"}); got != nil {
		t.Errorf("a new external id: %v", got)
	}
	if got := home("e2"); got != "duplicate_external_id" {
		t.Errorf("an external id in use: %v", got)
	}
	if got := home("e1"); got != nil {
		t.Errorf("an external id out of use: %v", got)
	}
}

// openOrAnswer opens a modal at a command and answers everything else with ack.
func (r *rig) openOrAnswer(ev event, ack any) bool {
	command, isCommand := ev.Data.(slack.SlashCommand)
	switch {
	case isCommand:
		ev.ack()
		_, out := r.post("views.open", r.sim.BotToken(), map[string]any{"trigger_id": command.TriggerID, "view": modal(nil)})
		return out["ok"] == true
	case ack == nil:
		ev.ack()
	default:
		ev.ack(ack)
	}
	return true
}

func TestView_WhatAnAcknowledgementMayAnswer(t *testing.T) {
	type seen struct {
		modals  int
		warning string
		errors  int
	}
	for name, c := range map[string]struct {
		ack  any
		want seen
	}{
		"nothing closes":                 {nil, seen{}},
		"an empty object closes":         {map[string]any{}, seen{}},
		"clear closes":                   {map[string]any{"response_action": "clear"}, seen{}},
		"errors of an input are shown":   {map[string]any{"response_action": "errors", "errors": map[string]string{"why": "No."}}, seen{1, "", 1}},
		"errors of no input are trouble": {map[string]any{"response_action": "errors", "errors": map[string]string{"text": "No."}}, seen{1, "invalid_errors", 0}},
		"no errors are trouble":          {map[string]any{"response_action": "errors"}, seen{1, "invalid_errors", 0}},
		"another body is trouble":        {map[string]any{"ok": true}, seen{1, "invalid_response_action", 0}},
		"a new view replaces":            {map[string]any{"response_action": "update", "view": modal(nil)}, seen{1, "", 0}},
		"a view on top":                  {map[string]any{"response_action": "push", "view": modal(nil)}, seen{2, "", 0}},
		"a view that is none is trouble": {map[string]any{"response_action": "push", "view": modal(map[string]any{"title": nil})}, seen{1, "invalid_arguments", 0}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			opened := make(chan bool, 2)
			r.connect(1, func(ev event) { opened <- r.openOrAnswer(ev, c.ack) })
			r.slash("UALICE")
			<-opened
			if _, err := r.sim.Person("UALICE").Submit(r.ctx(), r.sim.Views("UALICE")[0].ID, slacksim.Values{"why": {"text": "x"}}); err != nil {
				t.Fatal(err)
			}
			got := seen{modals: len(r.sim.Views("UALICE"))}
			for _, w := range r.sim.Warnings("UALICE") {
				got.warning = w.Code
			}
			if got.modals > 0 {
				got.errors = len(r.sim.Views("UALICE")[got.modals-1].Errors)
			}
			if got != c.want {
				t.Errorf("saw %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestView_ClosingTellsTheAppOnlyWhereAsked(t *testing.T) {
	r := newRig(t)
	payloads := r.payloads()
	quiet := r.open(payloads, nil)
	if _, err := r.sim.Person("UALICE").Close(r.ctx(), quiet); err != nil {
		t.Fatal(err)
	}
	loud := r.open(payloads, map[string]any{"notify_on_close": true})
	if _, err := r.sim.Person("UALICE").Close(r.ctx(), loud); err != nil {
		t.Fatal(err)
	}
	p := <-payloads
	if p["type"] != "view_closed" || p["view"].(map[string]any)["id"] != loud || p["is_cleared"] != false || p["trigger_id"] != nil {
		t.Errorf("told %v", p)
	}
	if n := len(r.sim.Views("UALICE")); n != 0 {
		t.Errorf("%d modals are open", n)
	}
}
