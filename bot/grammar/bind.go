package grammar

import (
	"strings"

	"github.com/alecthomas/kong"
)

// Bind ties the value of every flag to the flag ("--duration -5m" becomes
// "--duration=-5m"), so that a value that begins with a dash is judged as a
// value. A flag that is followed by another flag stays as it is. What follows
// "--" is left alone.
func Bind(app *kong.Application, args []string) []string {
	flags := map[string]bool{} // "--name" → takes a value
	collect(app.Node, flags)
	var out []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			return append(out, args[i:]...)
		}
		if flags[a] && i+1 < len(args) && !isFlag(args[i+1], flags) {
			i++
			a += "=" + args[i]
		}
		out = append(out, a)
	}
	return out
}

func isFlag(arg string, flags map[string]bool) bool {
	name, _, _ := strings.Cut(arg, "=")
	_, known := flags[name]
	return known || arg == "--"
}

// flagsFirst moves bound flags before plain words; kong takes the plain words
// of one argument only where they stand together.
func flagsFirst(args []string) []string {
	var flags, words []string
	for i, a := range args {
		switch {
		case a == "--":
			return append(append(flags, words...), args[i:]...)
		case len(a) > 1 && a[0] == '-':
			flags = append(flags, a)
		default:
			words = append(words, a)
		}
	}
	return append(flags, words...)
}

func collect(n *kong.Node, flags map[string]bool) {
	for _, f := range n.Flags {
		takes := !f.IsBool() && !f.IsCounter()
		flags["--"+f.Name] = takes
		if f.Short != 0 {
			flags["-"+string(f.Short)] = false // its value is never tied
		}
	}
	for _, c := range n.Children {
		collect(c, flags)
	}
}

// Nearest returns the one of words that was probably meant by said, "" when none
// is near enough.
func Nearest(said string, words []string) string {
	best, bestAt := "", len([]rune(said))/2+1
	if bestAt > 3 {
		bestAt = 3
	}
	for _, w := range words {
		if d := distance([]rune(said), []rune(w)); d < bestAt || d == bestAt && best == "" {
			best, bestAt = w, d
		}
	}
	if bestAt >= len([]rune(said)) {
		return ""
	}
	return best
}

// distance counts the insertions, deletions and replacements between a and b.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, ca := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, cb := range b {
			next := diagonal
			if ca != cb {
				next = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
