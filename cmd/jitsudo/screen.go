package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// oneLine makes text that others wrote harmless for one line of a terminal.
func oneLine(s string) string { return engine.OneLine(s, 0) }

// harmless makes text that others wrote harmless for several lines. Every line
// after the first is indented, so that none can pass for a line of ours.
func harmless(s string) string {
	return strings.ReplaceAll(strings.TrimSpace(engine.Clean(s)), "\n", "\n  ")
}

// A fact is one line of an answer.
type fact struct{ name, value string }

// facts prints lines of "Name: value"; what has no value is left out.
func (a *app) facts(all []fact) error {
	var b strings.Builder
	for _, f := range all {
		if f.value == "" {
			continue
		}
		value := harmless(f.value)
		if f.name == "State" {
			value = a.paint(value)
		}
		fmt.Fprintf(&b, "%s: %s\n", f.name, value)
	}
	_, err := io.WriteString(a.out, b.String())
	return err
}

// table prints rows under a header; every cell is made harmless and cut.
func (a *app) table(header []string, rows [][]string) error {
	const widest = 48
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = firstOf(engine.OneLine(c, widest), "-")
		}
		if _, err := fmt.Fprintln(w, strings.Join(cells, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// paint colours a state, on a terminal whose owner did not ask for none.
func (a *app) paint(state string) string {
	if !terminal(a.out) || a.env("NO_COLOR") != "" || a.env("TERM") == "dumb" {
		return state
	}
	colour := map[engine.State]string{
		engine.Pending: "33", engine.Approved: "36", engine.Active: "32", engine.Rejected: "31", engine.Failed: "31",
	}[engine.State(state)]
	if colour == "" {
		return state
	}
	return "\x1b[" + colour + "m" + state + "\x1b[0m"
}

func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
