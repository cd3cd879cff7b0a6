package slack_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// textOf returns everything that a message shows, with its buttons in brackets.
func textOf(m slacksim.Message) string { return shown(m.Blocks) }

func shown(blocks []any) string {
	var b strings.Builder
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			switch v["type"] {
			case "button":
				fmt.Fprintf(&b, "[%s]", v["action_id"])
				return
			case "date":
				b.WriteString(fmt.Sprint(v["fallback"]))
				return
			}
			if t, ok := v["text"].(string); ok {
				b.WriteString(t)
			}
			for _, k := range []string{"text", "elements", "element", "label"} {
				if _, isText := v[k].(string); !isText {
					walk(v[k])
				}
			}
			if _, isBlock := v["block_id"]; isBlock {
				b.WriteString("\n")
			}
		}
	}
	walk(blocks)
	return b.String()
}

// ids lists the block and action IDs of a message, in order.
func ids(blocks []any) []string {
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, k := range []string{"block_id", "action_id"} {
				if id, ok := v[k].(string); ok {
					out = append(out, id)
				}
			}
			walk(v["elements"])
			walk(v["accessory"])
		}
	}
	walk(blocks)
	return out
}

func has(m slacksim.Message, action string) bool { return slices.Contains(ids(m.Blocks), action) }
