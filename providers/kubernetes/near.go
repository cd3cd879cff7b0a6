package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// quote returns s as it may stand in a sentence, whatever somebody typed.
func quote(s string) string {
	if r := []rune(s); len(r) > maxShownLength {
		s = string(r[:maxShownLength]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// maxHints bounds how many names a hint offers.
const maxHints = 5

// hint points to the names that somebody may have meant.
func hint(typed string, all []string) string {
	if len(all) == 0 {
		return "Ask whoever runs jitsudo what there is."
	}
	if close := nearest(typed, all); len(close) > 0 {
		return "Did you mean " + strings.Join(close, " or ") + "?"
	}
	shown, more := all, ""
	if len(all) > maxHints {
		shown, more = all[:maxHints], fmt.Sprintf(" and %d more", len(all)-maxHints)
	}
	return "There is " + strings.Join(shown, ", ") + more + "."
}

// nearest returns up to three names that are like what was typed, the likest first.
func nearest(typed string, all []string) []string {
	type candidate struct {
		name string
		far  int
	}
	typed = strings.ToLower(typed)
	if len(typed) > maxRole {
		return nil
	}
	var found []candidate
	for _, name := range all {
		low := strings.ToLower(name)
		far := engine.Distance(typed, low)
		if len(typed) >= 3 && strings.Contains(low, typed) {
			far = min(far, 1)
		}
		if far <= max(1, min(3, len(typed)/2, len(low)/2)) {
			found = append(found, candidate{name, far})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.far - b.far })
	var names []string
	for _, f := range found[:min(3, len(found))] {
		names = append(names, f.name)
	}
	return names
}
