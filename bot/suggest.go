package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// maxSuggested is how many choices are offered at a time.
const maxSuggested = 50

// Suggest offers choices for a field of the request form, as it is typed. What
// was typed itself can always be chosen, so that nobody is held up by a platform
// that cannot list what it has.
func (d *Desk) Suggest(ctx context.Context, by engine.Actor, field, typed string, values map[string]string) []Option {
	typed = strings.TrimSpace(typed)
	provider := values[FieldProvider]
	if all := d.engine.Providers(); provider == "" && len(all) == 1 {
		provider = all[0]
	}
	choices, err := d.engine.Suggest(ctx, by, provider, engine.Suggestion{
		Field: field, Prefix: typed, Limit: maxSuggested,
		Target: engine.Target{Provider: provider, Role: values[FieldRole], Scope: values[FieldScope]},
	})
	if err != nil {
		d.log.Debug("suggest", "field", field, "error", err)
	}
	var options []Option
	for _, c := range choices {
		if len(options) < maxSuggested {
			options = append(options, Option{Value: c.Value, Label: engine.OneLine(firstOf(c.Label, c.Value), 0)})
		}
	}
	if typed != "" && !slices.ContainsFunc(options, func(o Option) bool { return o.Value == typed }) {
		options = append(options, Option{Value: typed, Label: engine.OneLine(typed, 0)})
	}
	return options
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
