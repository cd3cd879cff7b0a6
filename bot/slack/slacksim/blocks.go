package slacksim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
)

const maxMarkdown = 12_000 // characters of all markdown blocks together

// inspect is every rule for a list of blocks: shape, lengths, counts, unique ids. at is the pointer of the list.
func (s *Server) inspect(blocks []any, at string) []problem {
	if out := s.rules.shape(blocks, at); len(out) > 0 {
		return out
	}
	c := &checker{table: bounds()}
	c.walk(blocks, at, "blocks")
	c.unique(blocks, at)
	return c.found
}

// unique checks ids, the focus and the length of all markdown together.
func (c *checker) unique(blocks []any, at string) {
	ids, actions := map[string]bool{}, map[string]bool{}
	markdown, focused := 0, 0
	for i, b := range blocks {
		block := b.(obj)
		here := at + "/" + strconv.Itoa(i)
		if id, _ := block["block_id"].(string); id != "" {
			if ids[id] {
				c.add(problem{pointer: here + "/block_id", rule: "unique", expected: nil, text: "block_id already exists"})
			}
			ids[id] = true
		}
		if block["type"] == "markdown" {
			text, _ := block["text"].(string)
			markdown += runes(text)
		}
	}
	for i := range blocks {
		clear(actions)
		for _, e := range elementsOf(blocks[i : i+1]) {
			id := e.text("action_id")
			if actions[id] && id != "" {
				c.add(problem{pointer: at + "/" + strconv.Itoa(i), rule: "unique", expected: nil, text: fmt.Sprintf("action_id %s already exists in its block", id)})
			}
			actions[id] = true
			if e.raw["focus_on_load"] == true {
				focused++
			}
		}
	}
	if focused > 1 {
		c.add(problem{pointer: at, rule: "focus", expected: 1, text: "only one element can have focus_on_load"})
	}
	if markdown > maxMarkdown {
		c.add(problem{pointer: at, rule: "max_length", expected: maxMarkdown, text: fmt.Sprintf("markdown must be less than %d characters in all", maxMarkdown+1)})
	}
}

// checkMessageBlocks refuses what chat.postMessage refuses.
func (s *Server) checkMessageBlocks(blocks []any) *failure {
	found := s.inspect(blocks, "/blocks")
	c := &checker{table: bounds()}
	c.measure(blocks, "/blocks", c.table["message"]["blocks"])
	if found = append(found, c.found...); len(found) > 0 {
		return fail("invalid_blocks", messagesOf(found)...)
	}
	if sizeOf(blocks) > maxAggregate {
		return fail("msg_blocks_too_long")
	}
	return nil
}

func sizeOf(v any) int {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return maxBody
	}
	return runes(b.String())
}

// inspectView is every rule for a view. at is its pointer.
func (s *Server) inspectView(view obj, at string) []problem {
	if out := s.rules.frame(view, at); len(out) > 0 {
		return out
	}
	blocks, _ := view["blocks"].([]any)
	out := s.inspect(blocks, at+"/blocks")
	c := &checker{table: bounds()}
	kind, _ := view["type"].(string)
	for key, b := range c.table[kind] {
		if v, set := view[key]; set {
			c.measure(v, at+"/"+key, b)
		}
	}
	if kind == "modal" && view["submit"] == nil && hasInput(blocks) {
		c.add(problem{pointer: at + "/submit", rule: "required", expected: nil, text: "submit is required when there is an input block"})
	}
	return append(out, c.found...)
}

func hasInput(blocks []any) bool {
	for _, b := range blocks {
		if o, _ := b.(obj); o["type"] == "input" {
			return true
		}
	}
	return false
}

func (s *Server) checkView(view obj) *failure {
	if found := s.inspectView(view, "/view"); len(found) > 0 {
		return fail("invalid_arguments", messagesOf(found)...)
	}
	return nil
}

// checkOffer says whether the options that an app answers to typing can be shown.
func (s *Server) checkOffer(ack obj) bool {
	if len(ack) == 0 {
		return false
	}
	c := &checker{table: bounds()}
	for key, most := range map[string]bound{"options": {0, 100}, "option_groups": {0, 100}} {
		if ack[key] != nil {
			c.measure(ack[key], "/"+key, most)
			c.walk(ack[key], "/"+key, key)
		}
	}
	return len(c.found) == 0
}

// withIDs gives every block and element the id that it lacks. The lock is held.
func (s *Server) withIDs(blocks []any) []any {
	out := make([]any, len(blocks))
	for i, b := range blocks {
		block := maps.Clone(b.(obj))
		if id, _ := block["block_id"].(string); id == "" {
			block["block_id"] = s.secret(5)
		}
		for _, key := range []string{"element", "accessory"} {
			if e, isObj := block[key].(obj); isObj {
				block[key] = s.withActionID(e)
			}
		}
		if list, isList := block["elements"].([]any); isList && block["type"] == "actions" {
			copied := make([]any, len(list))
			for j, e := range list {
				copied[j] = s.withActionID(e.(obj))
			}
			block["elements"] = copied
		}
		out[i] = block
	}
	return out
}

func (s *Server) withActionID(e obj) obj {
	if id, _ := e["action_id"].(string); id != "" || e["type"] == "image" {
		return e
	}
	e = maps.Clone(e)
	e["action_id"] = s.secret(5)
	return e
}

func (s *Server) blocksValidate(c *call) (obj, *failure) {
	given := 0
	for _, key := range []string{"blocks", "view", "message"} {
		if c.has(key) {
			given++
		}
	}
	if given != 1 {
		return nil, fail("invalid_arguments", "[ERROR] exactly one of blocks, view and message is required")
	}
	var found []problem
	code := "invalid_blocks"
	for _, key := range []string{"blocks", "view", "message"} {
		raw, err := c.value(key)
		if raw == nil && err == nil {
			continue
		}
		code = "invalid_" + key
		found = s.inspectArgument(key, raw, err)
	}
	if len(found) == 0 {
		return obj{}, nil
	}
	f := fail(code, messagesOf(found)...)
	for _, p := range found {
		f.errors = append(f.errors, obj{
			"code": p.rule, "message": p.text, "pointer": p.pointer, "constraint": obj{"type": p.rule, "expected": p.expected},
		})
	}
	return nil, f
}

func (s *Server) inspectArgument(key string, raw any, err error) []problem {
	list, isList := raw.([]any)
	o, isObj := raw.(obj)
	switch {
	case err != nil:
		return []problem{{pointer: "/" + key, text: "is not JSON", rule: "type"}}
	case key == "blocks" && isList:
		return s.inspect(list, "/blocks")
	case key == "view" && isObj && s.rules.views[textAt(o, "type")] != nil:
		return s.inspectView(o, "/view")
	case key == "message" && isObj:
		blocks, _ := o["blocks"].([]any)
		return s.inspect(blocks, "/message/blocks")
	}
	return []problem{{pointer: "/" + key, text: "is not of the right type", rule: "type"}}
}

func textAt(o obj, key string) string { t, _ := o[key].(string); return t }
