package bot

import (
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Kind says what a [Word] is, so that a chat can draw it in its own way.
type Kind int

// The kinds of words.
const (
	Plain       Kind = iota // text; never markup, whoever wrote it
	Strong                  // text that stands out
	Code                    // a name or a command, as it has to be typed
	Moment                  // a time; each reader sees their own time zone
	CallPerson              // calls the person with this principal ID
	CallGroup               // calls the group with this name
	CallAlarm               // whatever the chat is configured to alert with
	lastOfKinds = CallAlarm
)

// Word is a piece of text for people. No chat may read markup out of its Text.
type Word struct {
	Kind Kind
	Text string    // cleaned of what cannot be seen
	At   time.Time // of a Moment
}

// Words are a sentence or two.
type Words []Word

// Say makes words out of strings, which stay plain, and of Words and single
// words, which stay what they are.
func Say(parts ...any) Words {
	var ws Words
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			ws = append(ws, Word{Kind: Plain, Text: engine.Clean(p)})
		case Word:
			ws = append(ws, p)
		case Words:
			ws = append(ws, p...)
		}
	}
	return ws
}

// Bold makes a word that stands out.
func Bold(s string) Word { return Word{Kind: Strong, Text: engine.OneLine(s, 0)} }

// Name makes a word that is a name or a command.
func Name(s string) Word { return Word{Kind: Code, Text: engine.OneLine(s, 0)} }

// When makes a word that is a time.
func When(t time.Time) Word {
	return Word{Kind: Moment, Text: t.UTC().Format("2006-01-02 15:04 UTC"), At: t}
}

// Quoted makes somebody's words part of a sentence: on one line, in quotes, cut
// at max characters.
func Quoted(s string, max int) Word { return Word{Text: "“" + engine.OneLine(s, max) + "”"} }

// String returns the words as plain text.
func (ws Words) String() string {
	var b strings.Builder
	for _, w := range ws {
		b.WriteString(w.Text)
	}
	return b.String()
}

// join sets names one after the other, as Code when asked for.
func join(names []string, make func(string) Word) Words {
	var ws Words
	for i, n := range names {
		if i > 0 {
			ws = append(ws, Word{Text: ", "})
		}
		ws = append(ws, make(n))
	}
	return ws
}

func plain(s string) Word { return Word{Text: engine.OneLine(s, 0)} }

// withTicks makes words of a text in which commands stand in backquotes.
func withTicks(s string) Words {
	var ws Words
	for i, part := range strings.Split(engine.Clean(s), "`") {
		if part == "" {
			continue
		}
		if i%2 == 1 {
			ws = append(ws, Name(part))
			continue
		}
		ws = append(ws, Word{Text: part})
	}
	return ws
}
