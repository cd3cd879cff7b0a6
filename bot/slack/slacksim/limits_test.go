package slacksim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// block reads a block in which LONG(n) stands for n characters.
func blockOf(t *testing.T, format string, args ...any) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(fmt.Appendf(nil, format, args...), &out); err != nil {
		t.Fatalf("%v in %s", err, fmt.Sprintf(format, args...))
	}
	return out
}

func text(n int) string { return strings.Repeat("é", n) } // characters count, not bytes

func list(n int, item string) string {
	var out []string
	for i := range n {
		out = append(out, strings.ReplaceAll(item, "#", fmt.Sprint(i)))
	}
	return "[" + strings.Join(out, ",") + "]"
}

// limited lists every limit: a block that has n of what is limited, and how many are allowed.
func limited() map[string]struct {
	most int
	make func(n int) string
} {
	const option = `{"text":{"type":"plain_text","text":"o"},"value":"#"}`
	menu := func(kind, options string) string {
		return `{"type":"actions","elements":[{"type":"` + kind + `","action_id":"a","options":` + options + `}]}`
	}
	buttonWith := func(more string) string {
		return `{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"b"}` + more + `}]}`
	}
	confirm := func(title, text, yes int) string {
		return buttonWith(fmt.Sprintf(`,"confirm":{"title":{"type":"plain_text","text":"%s"},"text":{"type":"plain_text","text":"%s"},`+
			`"confirm":{"type":"plain_text","text":"%s"},"deny":{"type":"plain_text","text":"n"}}`, strings.Repeat("t", title), strings.Repeat("t", text), strings.Repeat("y", yes)))
	}
	type limit = struct {
		most int
		make func(n int) string
	}
	return map[string]limit{
		"section text": {3000, func(n int) string { return `{"type":"section","text":{"type":"mrkdwn","text":"` + text(n) + `"}}` }},
		"section fields": {10, func(n int) string {
			return `{"type":"section","fields":` + list(n, `{"type":"mrkdwn","text":"f"}`) + `}`
		}},
		"section field": {2000, func(n int) string {
			return `{"type":"section","fields":[{"type":"mrkdwn","text":"` + text(n) + `"}]}`
		}},
		"header":   {150, func(n int) string { return `{"type":"header","text":{"type":"plain_text","text":"` + text(n) + `"}}` }},
		"block_id": {255, func(n int) string { return `{"type":"divider","block_id":"` + text(n) + `"}` }},
		"context elements": {10, func(n int) string {
			return `{"type":"context","elements":` + list(n, `{"type":"mrkdwn","text":"e"}`) + `}`
		}},
		"actions elements": {25, func(n int) string {
			return `{"type":"actions","elements":` + list(n, `{"type":"button","action_id":"a#","text":{"type":"plain_text","text":"b"}}`) + `}`
		}},
		"button text": {75, func(n int) string {
			return `{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"` + text(n) + `"}}]}`
		}},
		"button value":    {2000, func(n int) string { return buttonWith(`,"value":"` + text(n) + `"`) }},
		"button url":      {3000, func(n int) string { return buttonWith(`,"url":"` + text(n) + `"`) }},
		"action_id":       {255, func(n int) string { return strings.Replace(buttonWith(""), `"a"`, `"`+text(n)+`"`, 1) }},
		"confirm title":   {100, func(n int) string { return confirm(n, 1, 1) }},
		"confirm text":    {300, func(n int) string { return confirm(1, n, 1) }},
		"confirm confirm": {30, func(n int) string { return confirm(1, 1, n) }},
		"select options":  {100, func(n int) string { return menu("static_select", list(n, option)) }},
		"overflow":        {5, func(n int) string { return menu("overflow", list(n, option)) }},
		"checkboxes":      {10, func(n int) string { return menu("checkboxes", list(n, option)) }},
		"radio buttons":   {10, func(n int) string { return menu("radio_buttons", list(n, option)) }},
		"option text": {75, func(n int) string {
			return menu("static_select", `[{"text":{"type":"plain_text","text":"`+text(n)+`"},"value":"v"}]`)
		}},
		"option value": {150, func(n int) string {
			return menu("static_select", `[{"text":{"type":"plain_text","text":"o"},"value":"`+text(n)+`"}]`)
		}},
		"placeholder": {150, func(n int) string {
			return `{"type":"actions","elements":[{"type":"users_select","action_id":"a","placeholder":{"type":"plain_text","text":"` + text(n) + `"}}]}`
		}},
		"input label": {2000, func(n int) string {
			return `{"type":"input","label":{"type":"plain_text","text":"` + text(n) + `"},"element":{"type":"plain_text_input","action_id":"a"}}`
		}},
		"input max_length": {3000, func(n int) string {
			return fmt.Sprintf(`{"type":"input","label":{"type":"plain_text","text":"l"},"element":{"type":"plain_text_input","action_id":"a","max_length":%d}}`, n)
		}},
		"markdown": {12000, func(n int) string { return `{"type":"markdown","text":"` + text(n) + `"}` }},
	}
}

func TestBlocks_EveryLimitIsExact(t *testing.T) {
	r := newRig(t)
	for name, l := range limited() {
		t.Run(name, func(t *testing.T) {
			for n, want := range map[int]bool{l.most: true, l.most + 1: false} {
				_, out := r.post("blocks.validate", r.sim.BotToken(), map[string]any{"blocks": []any{blockOf(t, "%s", l.make(n))}})
				if out["ok"] != want {
					t.Errorf("%d: answered %v", n, out)
				}
			}
		})
	}
}

func TestBlocks_ShapeIsRefusedWithAPointer(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct{ block, pointer string }{
		"unknown block":         {`{"type":"nope"}`, "/blocks/1/type"},
		"unknown key":           {`{"type":"divider","colour":"red"}`, "/blocks/1]"},
		"no type":               {`{"text":"x"}`, "/blocks/1/type"},
		"mrkdwn in a header":    {`{"type":"header","text":{"type":"mrkdwn","text":"x"}}`, "/blocks/1/text/type"},
		"text of an odd type":   {`{"type":"section","text":{"type":"text","text":"x"}}`, "/blocks/1/text/type"},
		"emoji key in mrkdwn":   {`{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}`, "/blocks/1/text]"},
		"odd style":             {`{"type":"actions","elements":[{"type":"button","style":"blue","text":{"type":"plain_text","text":"x"}}]}`, "/blocks/1/elements/0/style"},
		"empty section":         {`{"type":"section"}`, "/blocks/1]"},
		"empty text":            {`{"type":"section","text":{"type":"mrkdwn","text":""}}`, "/blocks/1/text/text"},
		"block_id twice":        {`{"type":"divider","block_id":"first"}`, "/blocks/1/block_id"},
		"action_id twice":       {`{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"x"}},{"type":"button","action_id":"a","text":{"type":"plain_text","text":"y"}}]}`, "/blocks/1]"},
		"time that is none":     {`{"type":"actions","elements":[{"type":"timepicker","action_id":"a","initial_time":"25:00"}]}`, "/blocks/1/elements/0/initial_time"},
		"text that is too long": {`{"type":"section","text":{"type":"mrkdwn","text":"` + text(3001) + `"}}`, "must be less than 3001 characters [json-pointer:/blocks/1/text/text]"},
	} {
		t.Run(name, func(t *testing.T) {
			blocks := []any{map[string]any{"type": "divider", "block_id": "first"}, blockOf(t, "%s", c.block)}
			_, out := r.post("chat.postMessage", r.sim.BotToken(), map[string]any{"channel": "CREQUESTS", "blocks": blocks})
			said := fmt.Sprint(out["response_metadata"])
			if out["error"] != "invalid_blocks" || !strings.Contains(said, c.pointer) {
				t.Errorf("answered %v; want %s", out, c.pointer)
			}
		})
	}
}

func TestBlocks_CountAndSizeOfAMessage(t *testing.T) {
	r := newRig(t)
	divider := map[string]any{"type": "divider"}
	long := map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text(2800)}}
	for name, c := range map[string]struct {
		blocks []any
		want   any
	}{
		"50 blocks: ok":             {repeat(divider, 50), nil},
		"51 blocks: invalid_blocks": {repeat(divider, 51), "invalid_blocks"},
		"4 long sections: ok":       {repeat(long, 4), nil},
		"5 long sections, each allowed: msg_blocks_too_long": {repeat(long, 5), "msg_blocks_too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := r.post("chat.postMessage", r.sim.BotToken(), map[string]any{"channel": "CREQUESTS", "blocks": c.blocks})
			if out["error"] != c.want {
				t.Errorf("answered %v", out)
			}
		})
	}
}

func repeat(v any, n int) []any {
	var out []any
	for range n {
		out = append(out, v)
	}
	return out
}
