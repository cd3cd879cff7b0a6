package slacksim

import (
	"fmt"
	"regexp"
	"strconv"
)

// bound is a limit on one key of one kind of object: characters of a text (a string or a text object) or items of a list.
// Sources: the published reference pages of each block and element.
type bound struct {
	min, max int
}

// bounds are the limits by kind of object and key. The kind is the object's type, or for those that have none the name of
// the key they stand under.
func bounds() map[string]map[string]bound {
	choice := map[string]bound{"options": {1, 100}, "option_groups": {1, 100}}
	return map[string]map[string]bound{
		"":        {"block_id": {0, 255}, "action_id": {0, 255}, "placeholder": {1, 150}}, // anywhere
		"section": {"text": {1, 3000}, "fields": {1, 10}},
		"header":  {"text": {1, 150}},
		"context": {"elements": {1, 10}},
		"actions": {"elements": {1, 25}},
		"image":   {"image_url": {1, 3000}, "alt_text": {0, 2000}, "title": {1, 2000}},
		"input":   {"label": {1, 2000}, "hint": {1, 2000}},
		"button": {
			"text": {1, 75}, "value": {0, 2000}, "url": {0, 3000}, "accessibility_label": {0, 75},
		},
		"confirm":             {"title": {1, 100}, "text": {1, 300}, "confirm": {1, 30}, "deny": {1, 30}},
		"option":              {"text": {1, 75}, "value": {0, 150}, "description": {1, 75}, "url": {0, 3000}},
		"option_group":        {"label": {1, 75}, "options": {1, 100}},
		"static_select":       choice,
		"multi_static_select": choice,
		"overflow":            {"options": {1, 5}},
		"checkboxes":          {"options": {1, 10}},
		"radio_buttons":       {"options": {1, 10}},
		"plain_text":          {"text": {1, 3000}},
		"mrkdwn":              {"text": {1, 3000}},
		"field":               {"text": {1, 2000}},
		"modal": {
			"title": {1, 24}, "submit": {1, 24}, "close": {1, 24}, "private_metadata": {0, 3000}, "callback_id": {0, 255},
			"external_id": {0, 255}, "blocks": {1, 100},
		},
		"home":    {"private_metadata": {0, 3000}, "callback_id": {0, 255}, "external_id": {0, 255}, "blocks": {1, 100}},
		"message": {"blocks": {0, 50}},
	}
}

// checker walks blocks and collects what breaks a limit.
type checker struct {
	table map[string]map[string]bound
	found []problem
}

func (c *checker) add(p problem) { c.found = append(c.found, p) }

// kindOf names an object for the table; under is the key that it, or the list it is in, stands under.
func kindOf(o obj, under string) string {
	switch under {
	case "confirm", "option":
		return under
	case "options", "initial_options":
		return "option"
	case "initial_option":
		return "option"
	case "option_groups":
		return "option_group"
	case "fields":
		return "field"
	}
	t, _ := o["type"].(string)
	return t
}

// walk checks an object and everything below it.
func (c *checker) walk(v any, pointer, under string) {
	switch v := v.(type) {
	case []any:
		for i, x := range v {
			c.walk(x, pointer+"/"+strconv.Itoa(i), under)
		}
	case obj:
		kind := kindOf(v, under)
		for key, x := range v {
			here := pointer + "/" + key
			for _, table := range []map[string]bound{c.table[""], c.table[kind]} {
				if b, limited := table[key]; limited {
					c.measure(x, here, b)
				}
			}
			if under == "confirm" && key == "confirm" { // the button of a dialog, not a dialog
				continue
			}
			c.walk(x, here, key)
		}
		c.formats(v, kind, pointer)
	}
}

// measure compares one value with its bound.
func (c *checker) measure(v any, pointer string, b bound) {
	switch x := v.(type) {
	case []any:
		if len(x) > b.max {
			c.add(problem{pointer: pointer, rule: "max_items", expected: b.max, text: fmt.Sprintf("no more than %d items allowed", b.max)})
		} else if len(x) < b.min {
			c.add(problem{pointer: pointer, rule: "min_items", expected: b.min, text: fmt.Sprintf("no less than %d items allowed", b.min)})
		}
	case string:
		if n := runes(x); n > b.max {
			c.add(problem{pointer: pointer, rule: "max_length", expected: b.max, text: fmt.Sprintf("must be less than %d characters", b.max+1)})
		} else if n < b.min {
			c.add(problem{pointer: pointer, rule: "min_length", expected: b.min, text: fmt.Sprintf("must be more than %d characters", b.min-1)})
		}
	case obj:
		if text, isText := x["text"].(string); isText && runes(text) > b.max {
			c.add(problem{pointer: pointer + "/text", rule: "max_length", expected: b.max, text: fmt.Sprintf("must be less than %d characters", b.max+1)})
		}
	}
}

// formats are the rules of single kinds that are no lengths.
func (c *checker) formats(o obj, kind, pointer string) {
	pattern := map[string][2]string{
		"datepicker": {"initial_date", `^\d{4}-\d{2}-\d{2}$`},
		"timepicker": {"initial_time", `^([01]\d|2[0-3]):[0-5]\d$`},
	}[kind]
	if text, set := o[pattern[0]].(string); set {
		if ok, err := regexp.MatchString(pattern[1], text); err != nil || !ok {
			c.add(problem{pointer: pointer + "/" + pattern[0], rule: "pattern", expected: pattern[1], text: "must be a valid date or time"})
		}
	}
	switch kind {
	case "section":
		if o["text"] == nil && o["fields"] == nil {
			c.add(problem{pointer: pointer, rule: "required", expected: "text", text: "missing required field: text or fields"})
		}
	case "datetimepicker":
		if at, set := o["initial_date_time"].(float64); set && (at < 1e9 || at >= 1e10) {
			c.add(problem{pointer: pointer + "/initial_date_time", rule: "pattern", expected: "10 digits", text: "must be a Unix time of 10 digits"})
		}
	case "plain_text_input":
		if n, set := o["max_length"].(float64); set && (n < 1 || n > 3000) {
			c.add(problem{pointer: pointer + "/max_length", rule: "max", expected: 3000, text: "must be between 1 and 3000"})
		}
		if text, set := o["initial_value"].(string); set && runes(text) > 3000 {
			c.add(problem{pointer: pointer + "/initial_value", rule: "max_length", expected: 3000, text: "must be less than 3001 characters"})
		}
	case "static_select", "multi_static_select":
		if (o["options"] == nil) == (o["option_groups"] == nil) {
			c.add(problem{pointer: pointer, rule: "required", expected: "options", text: "exactly one of options and option_groups is required"})
		}
	}
}
