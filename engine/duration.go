package engine

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// day is what "1d" means: 24 hours, whatever the calendar does.
const day = 24 * time.Hour

// ParseDuration reads a duration as people write it: Go's syntax and days
// before it, as in "30m", "2h30m", "1d" or "1d12h". It refuses what is not
// positive, not a whole second, or too long for any clock.
func ParseDuration(s string) (time.Duration, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	days, rest, hasDays := strings.Cut(text, "d")
	if !hasDays {
		days, rest = "", text
	}
	d, err := parseParts(days, rest, hasDays)
	switch {
	case err != nil:
		return 0, Refuse(ErrInvalid, "%q is not a duration.", OneLine(s, 40)).On("duration").WithHint("Write for example 30m, 2h30m or 1d.")
	case d <= 0:
		return 0, Refuse(ErrInvalid, "The duration must be longer than nothing, not %q.", OneLine(s, 40)).On("duration").WithHint("Write for example 30m.")
	case d%time.Second != 0:
		return 0, Refuse(ErrInvalid, "The duration %q is not a whole number of seconds.", OneLine(s, 40)).On("duration").WithHint("Write for example 30s or 30m.")
	}
	return d, nil
}

func parseParts(days, rest string, hasDays bool) (time.Duration, error) {
	var total time.Duration
	if hasDays {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, err
		}
		total = time.Duration(n) * day
		if rest == "" {
			return total, nil
		}
		if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") {
			return 0, strconv.ErrSyntax
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil {
		return 0, err
	}
	if d > math.MaxInt64-total {
		return 0, strconv.ErrRange
	}
	return total + d, nil
}

// Seconds turns a wire's number of seconds into a duration. It bounds the number
// before it multiplies, because the product would wrap.
func Seconds(n int64) (time.Duration, error) {
	const most = int64(math.MaxInt64 / time.Second)
	if n <= 0 {
		return 0, Refuse(ErrInvalid, "The duration must be at least one second, not %d.", n).On("duration")
	}
	if n > most {
		return 0, Refuse(ErrInvalid, "A duration of %d seconds is longer than any clock can count.", n).On("duration").WithHint("Write for example 3600.")
	}
	return time.Duration(n) * time.Second, nil
}

// FormatDuration writes a duration the short way: "45s", "30m", "2h30m", "1d".
func FormatDuration(d time.Duration) string {
	if d < 0 {
		return "-" + FormatDuration(-d)
	}
	d = d.Round(time.Second)
	var b strings.Builder
	for _, u := range []struct {
		size time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := d / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			d -= n * u.size
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}
