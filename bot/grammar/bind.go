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
