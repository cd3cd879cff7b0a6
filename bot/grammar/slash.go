package grammar

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// MaxLine bounds what [ParseSlash] looks at, in bytes. It is far more than any
// chat lets through.
const MaxLine = 32 << 10

// ParseSlash reads what follows the slash command in a chat. It returns one of
// [Request], [Status], [Approve], [Deny], [Cancel], [Revoke], [BreakGlass],
// [Mine], [Pending], [Help] and, for nothing or for "request" alone, [Form].
// An error is always an [engine.Refusal] with a sentence for the speaker; with
// it may come what was understood before, so that a form can be filled in.
//
// Missing parts of a request are no error. A request may also be said in short,
// "request PROVIDER ROLE SCOPE DURATION reason in plain words".
func ParseSlash(text string) (any, error) {
	if len(text) > MaxLine {
		return nil, engine.Refuse(engine.ErrInvalid, "That is too long to be a command.").WithHint("Open the form with `request` alone.")
	}
	words, err := Split(strings.ToValidUTF8(text, "\uFFFD"))
	if err != nil {
		return nil, err
	}
	if len(words) == 0 {
		return Form{}, nil
	}
	name := strings.ToLower(strings.TrimLeft(words[0], "/-"))
	for _, c := range spoken {
		if c.is(name) {
			return c.read(words[1:])
		}
	}
	return nil, unknownWord(words[0], name)
}

// A command is a word that can be said in a chat.
type command struct {
	name    string
	aliases []string
	read    func(args []string) (any, error)
}

func (c command) is(name string) bool {
	if c.name == name {
		return true
	}
	for _, a := range c.aliases {
		if a == name {
			return true
		}
	}
	return false
}

var spoken = []command{
	{"request", []string{"req", "ask"}, readRequest},
	{"break-glass", []string{"breakglass", "break_glass"}, readBreakGlass},
	{"status", []string{"show", "list"}, readStatus},
	{"mine", []string{"my"}, func(args []string) (any, error) { return Mine{}, nothingMore("mine", args) }},
	{"pending", []string{"waiting"}, func(args []string) (any, error) { return Pending{}, nothingMore("pending", args) }},
	{"approve", []string{"ok", "yes"}, readApprove},
	{"deny", []string{"reject", "no"}, readDeny},
	{"cancel", []string{"withdraw"}, readCancel},
	{"revoke", []string{"end"}, readRevoke},
	{"help", []string{"h", "?"}, func([]string) (any, error) { return Help{}, nil }},
}

// A said is a command together with the plain words that follow it in a chat.
type said[T any] struct {
	Command T        `embed:""`
	Words   []string `arg:"" optional:"" help:"Plain words."`
}

// hear fills a T and the rest from args.
func hear[T any](args []string) (T, []string, error) {
	var s said[T]
	parser, err := kong.New(&s, kong.Name("jitsudo"), kong.NoDefaultHelp(), kong.Exit(func(int) {}), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		return s.Command, nil, fmt.Errorf("grammar: %w", err)
	}
	if _, err := parser.Parse(flagsFirst(Bind(parser.Model, args))); err != nil {
		return s.Command, nil, Sentence(err)
	}
	if v, ok := any(s.Command).(interface{ Validate() error }); ok {
		err = v.Validate()
	}
	return s.Command, s.Words, err
}

func readRequest(args []string) (any, error) {
	if len(args) == 0 {
		return Form{}, nil
	}
	r, err := hearRequest(args)
	return r, err
}

func readBreakGlass(args []string) (any, error) {
	r, err := hearRequest(args)
	r.BreakGlass = true
	return BreakGlass{r}, err
}

func hearRequest(args []string) (Request, error) {
	r, words, err := hear[Request](args)
	if err != nil || len(words) == 0 {
		return r, err
	}
	if r.Provider != "" || r.Role != "" || r.Scope != "" || r.Duration != 0 || r.Reason != "" {
		return r, engine.Refuse(engine.ErrInvalid, "I did not expect %q here.", engine.OneLine(words[0], 40)).
			WithHint("Put quotes around a reason of several words.")
	}
	for _, part := range []*string{&r.Provider, &r.Role, &r.Scope} {
		if len(words) > 0 {
			*part, words = words[0], words[1:]
		}
	}
	if len(words) > 0 {
		if err := r.Duration.UnmarshalText([]byte(words[0])); err != nil {
			return r, err
		}
		r.Reason = strings.Join(words[1:], " ")
	}
	return r, nil
}

func readStatus(args []string) (any, error) {
	s, words, err := hear[Status](args)
	if err == nil {
		err = nothingMore("status", words)
	}
	return s, err
}

func readApprove(args []string) (any, error) {
	a, words, err := hear[Approve](args)
	if err == nil && a.Comment == "" {
		a.Comment, words = strings.Join(words, " "), nil
	}
	return a, firstOf(err, nothingMore("approve", words))
}

func readDeny(args []string) (any, error) {
	d, words, err := hear[Deny](args)
	if err == nil && d.Reason == "" {
		d.Reason, words = strings.Join(words, " "), nil
	}
	return d, firstOf(err, nothingMore("deny", words))
}

func readCancel(args []string) (any, error) {
	c, words, err := hear[Cancel](args)
	return c, firstOf(err, nothingMore("cancel", words))
}

func readRevoke(args []string) (any, error) {
	r, words, err := hear[Revoke](args)
	if err == nil && r.Reason == "" {
		r.Reason, words = strings.Join(words, " "), nil
	}
	return r, firstOf(err, nothingMore("revoke", words))
}

func firstOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

func nothingMore(command string, words []string) error {
	if len(words) == 0 {
		return nil
	}
	return engine.Refuse(engine.ErrInvalid, "I did not expect %q after %s.", engine.OneLine(words[0], 40), command).
		WithHint("`help` shows what can be said.")
}

func unknownWord(said, name string) error {
	r := engine.Refuse(engine.ErrInvalid, "I do not know the word %q.", engine.OneLine(said, 40))
	names := make([]string, len(spoken))
	for i, c := range spoken {
		names[i] = c.name
	}
	if near := engine.Nearest(name, names); near != "" {
		return r.WithHint("Did you mean %q?", near)
	}
	return r.WithHint("`help` shows what can be said.")
}

// Sentence turns an error of kong's into a Refusal: the sentence of a value that
// was refused, or kong's own words as a sentence.
func Sentence(err error) error {
	var r *engine.Refusal
	if err == nil || errors.As(err, &r) {
		if r != nil {
			return r
		}
		return nil
	}
	say := engine.OneLine(err.Error(), 300)
	c, size := utf8.DecodeRuneInString(say)
	say = string(unicode.ToUpper(c)) + say[size:]
	if !strings.HasSuffix(say, ".") && !strings.HasSuffix(say, "?") {
		say += "."
	}
	return engine.Refuse(engine.ErrInvalid, "%s", say)
}
