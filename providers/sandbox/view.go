package sandbox

import (
	"slices"
	"time"
)

// view is what the page draws.
type view struct {
	Live    []card
	Total   int
	More    int // how many are not drawn
	History []line
}

// card is one binding, as drawn.
type card struct {
	Binding
	Verbs    []string
	Ours     bool
	LeftMS   int64 // until the deadline, negative when it has passed
	Overdue  bool
	Standing bool
}

// line is one change, as drawn.
type line struct {
	Change
	Clock string // 15:04:05, UTC
	ISO   string
}

// view returns what there is to draw, the newest binding first.
func (c *Cloud) view() view {
	all, history := c.Bindings(), c.History()
	sortNewest(all)
	now := c.now()
	v := view{Total: len(all)}
	for i, b := range all {
		if i == maxShown {
			v.More = len(all) - maxShown
			break
		}
		left := b.Deadline.Sub(now)
		v.Live = append(v.Live, card{
			Binding: b, Verbs: c.verbs(b.Role), Ours: b.Owner == Owner, LeftMS: left.Milliseconds(),
			Overdue: !b.Deadline.IsZero() && left <= 0, Standing: b.Deadline.IsZero(),
		})
	}
	for _, ch := range history {
		v.History = append(v.History, line{ch, ch.At.UTC().Format(time.TimeOnly), ch.At.UTC().Format(time.RFC3339)})
	}
	return v
}

func sortNewest(all []Binding) {
	slices.SortStableFunc(all, func(a, b Binding) int { return b.Since.Compare(a.Since) })
}
