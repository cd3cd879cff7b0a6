package grammar_test

import (
	"reflect"
	"testing"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
)

func TestSplit(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		want []string
	}{
		"Words":                 {"a  b\tc\nd", []string{"a", "b", "c", "d"}},
		"Quotes":                {`a "b c" 'd e'`, []string{"a", "b c", "d e"}},
		"Joined":                {`--x="a b"c`, []string{"--x=a bc"}},
		"EmptyWord":             {`a "" b`, []string{"a", "", "b"}},
		"Backslash":             {`a\ b \"c\\`, []string{"a b", `"c\`}},
		"BackslashInDouble":     {`"a\"b\n"`, []string{`a"b\n`}},
		"BackslashInSingle":     {`'a\b'`, []string{`a\b`}},
		"BackslashAtTheEnd":     {`a\`, []string{`a\`}},
		"ApostropheInAWord":     {`can't users' 'n'`, []string{"can't", "users'", "n"}},
		"CurlyApostrophe":       {"can’t ‘don’t do’", []string{"can’t", "don’t do"}},
		"QuotesOfTheOtherKind":  {`"it's 'so'"`, []string{"it's 'so'"}},
		"NoExpansion":           {"$HOME `id` $(id) ~ *", []string{"$HOME", "`id`", "$(id)", "~", "*"}},
		"LoneDashStays":         {"a — b", []string{"a", "—", "b"}},
		"DashBeforeALetter":     {"—role x", []string{"--role", "x"}},
		"ZeroWidthDropped":      {"re\u200bquest", []string{"request"}},
		"ZeroWidthKeptInQuotes": {"\"a\u200bb\"", []string{"a\u200bb"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := grammar.Split(c.line)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%q\n got %q\nwant %q", c.line, got, c.want)
			}
		})
	}
}

func FuzzSplitReadsBackWhatQuoteWrites(f *testing.F) {
	f.Add("a b", `c"d\`, "e'f")
	f.Add("", "“x”", "—role")
	f.Add("don’t", "\n", "\u200b")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		words := []string{a, b, c}
		for i, w := range words {
			words[i] = string([]rune(w)) // valid text
		}
		got, err := grammar.Split(grammar.Quote(words...))
		if err != nil || !reflect.DeepEqual(got, words) {
			t.Fatalf("%q came back as %q, %v", words, got, err)
		}
	})
}
