package slacksim

import (
	"fmt"
	"strings"
)

// element is an interactive element and the block that holds it.
type element struct {
	block, raw obj
	input      bool // in an input block
}

func (e element) text(key string) string { t, _ := e.raw[key].(string); return t }

func (e element) blockID() string { id, _ := e.block["block_id"].(string); return id }

// elementsOf finds the interactive elements of blocks, in their order.
func elementsOf(blocks []any) []element {
	var out []element
	add := func(block obj, raw any, input bool) {
		if e, isObj := raw.(obj); isObj && e["action_id"] != nil {
			out = append(out, element{block: block, raw: e, input: input})
		}
	}
	for _, b := range blocks {
		block, _ := b.(obj)
		switch block["type"] {
		case "input":
			add(block, block["element"], true)
		case "section":
			add(block, block["accessory"], false)
		case "actions", "context_actions":
			list, _ := block["elements"].([]any)
			for _, e := range list {
				add(block, e, false)
			}
		}
	}
	return out
}

func findElement(blocks []any, blockID, actionID string) (element, bool) {
	for _, e := range elementsOf(blocks) {
		if e.text("action_id") == actionID && (blockID == "" || e.blockID() == blockID) {
			return e, true
		}
	}
	return element{}, false
}

// slot says under which key an element keeps its value, and its untouched value. ok is false for buttons and menus.
func slot(e element) (key string, empty any, ok bool) {
	switch kind := e.text("type"); kind {
	case "button", "overflow", "image", "workflow_button", "icon_button", "feedback_buttons":
		return "", nil, false
	case "static_select", "external_select", "radio_buttons":
		return "selected_option", nil, true
	case "checkboxes", "multi_static_select", "multi_external_select":
		return "selected_options", []any{}, true
	case "users_select", "conversations_select", "channels_select":
		return "selected_" + strings.TrimSuffix(strings.TrimSuffix(kind, "_select"), "s"), nil, true
	case "multi_users_select", "multi_conversations_select", "multi_channels_select":
		return "selected_" + strings.TrimSuffix(strings.TrimPrefix(kind, "multi_"), "_select"), []any{}, true
	case "datepicker":
		return "selected_date", nil, true
	case "timepicker":
		return "selected_time", nil, true
	case "datetimepicker":
		return "selected_date_time", nil, true
	case "file_input":
		return "files", []any{}, true
	case "rich_text_input":
		return "rich_text_value", nil, true
	}
	return "value", nil, true
}

// initialValue is the value of an element that nobody has touched.
func initialValue(e element) (obj, bool) {
	key, empty, ok := slot(e)
	if !ok {
		return nil, false
	}
	v := obj{"type": e.text("type"), key: empty}
	initial := map[string]string{
		"value": "initial_value", "selected_option": "initial_option", "selected_options": "initial_options",
		"selected_date": "initial_date", "selected_time": "initial_time", "selected_date_time": "initial_date_time",
	}
	name, known := initial[key]
	if !known {
		name = "initial_" + strings.TrimPrefix(key, "selected_")
	}
	if given := e.raw[name]; given != nil {
		v[key] = given
	}
	if zone := e.raw["timezone"]; zone != nil && key == "selected_time" {
		v["timezone"] = zone
	}
	return v, true
}

func initialValues(blocks []any) map[string]obj {
	out := map[string]obj{}
	for _, e := range elementsOf(blocks) {
		v, ok := initialValue(e)
		if !ok {
			continue
		}
		if out[e.blockID()] == nil {
			out[e.blockID()] = obj{}
		}
		out[e.blockID()][e.text("action_id")] = v
	}
	return out
}

func (v *view) state() obj {
	out := obj{}
	for block, actions := range v.values {
		copied := obj{}
		for action, value := range actions {
			copied[action] = value
		}
		out[block] = copied
	}
	return out
}

// chosen turns what a person gives for an element into its value object. A string stands for the typed text, the value
// or label of an option, a person, a channel, a date; a list of strings for several options; an object for itself.
func chosen(e element, given any, offered []any) (obj, error) {
	key, _, ok := slot(e)
	if !ok {
		return nil, fmt.Errorf("%s takes no value", e.text("type"))
	}
	v := obj{"type": e.text("type")}
	if zone := e.raw["timezone"]; zone != nil {
		v["timezone"] = zone
	}
	switch g := given.(type) {
	case obj:
		for k, x := range g {
			v[k] = x
		}
		v["type"] = e.text("type")
		return v, nil
	case string:
		v[key] = g
		if key == "selected_option" {
			option, found := findOption(e, g, offered)
			if !found {
				return nil, fmt.Errorf("%q is not among the options of %s", g, e.text("action_id"))
			}
			v[key] = option
		}
		return v, nil
	case []string:
		list := []any{}
		for _, name := range g {
			if key != "selected_options" {
				list = append(list, name)
				continue
			}
			option, found := findOption(e, name, offered)
			if !found {
				return nil, fmt.Errorf("%q is not among the options of %s", name, e.text("action_id"))
			}
			list = append(list, option)
		}
		v[key] = list
		return v, nil
	}
	v[key] = given
	return v, nil
}

// findOption looks for an option by its value or label: in the element itself and in what was offered for typing.
func findOption(e element, want string, offered []any) (any, bool) {
	lists := [][]any{optionsOf(e.raw), offered}
	if initial := e.raw["initial_option"]; initial != nil {
		lists = append(lists, []any{initial})
	}
	for _, list := range lists {
		for _, o := range list {
			option, _ := o.(obj)
			label, _ := option["text"].(obj)
			if option["value"] == want || label["text"] == want {
				return option, true
			}
		}
	}
	return nil, false
}

// optionsOf lists the options of an element or of an answer to typing, groups included.
func optionsOf(raw obj) []any {
	list, _ := raw["options"].([]any)
	out := append([]any{}, list...)
	groups, _ := raw["option_groups"].([]any)
	for _, g := range groups {
		group, _ := g.(obj)
		more, _ := group["options"].([]any)
		out = append(out, more...)
	}
	return out
}
