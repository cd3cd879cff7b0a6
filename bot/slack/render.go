package slack

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	sdk "github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// Lengths that Slack enforces (docs.slack.dev, Block Kit reference).
const (
	maxHeader   = 150
	maxLabel    = 75
	maxSure     = 300
	maxText     = 3000
	maxFallback = 2000
	maxQuote    = 2000
	maxRich     = 4000 // of one rich text block; the sum over a message is bounded near 13,000
)

var icons = map[bot.Tone]string{
	bot.Waiting: "⏳", bot.Working: "⚙️", bot.Live: "🟢", bot.Ended: "✅", bot.Stopped: "⛔", bot.Alarm: "🚨",
}

// drawing turns cards into blocks. Block and action IDs are fixed, whatever the
// card says: no text can make a card look like another one to the app.
type drawing struct {
	calls  map[bot.Word]string // who is called, in Slack's markup, from configuration and directory alone
	prefix string              // of block IDs, where several cards share a view
}

func (d drawing) blocks(c bot.Card) []sdk.Block {
	var blocks []sdk.Block
	if c.Title != "" {
		title := sdk.NewTextBlockObject(sdk.PlainTextType, cut(strings.TrimSpace(icons[c.Tone]+" "+c.Title), maxHeader), true, false)
		blocks = append(blocks, sdk.NewHeaderBlock(title, sdk.HeaderBlockOptionBlockID(d.prefix+"head")))
	}
	if who := d.called(c.Text); who != "" {
		blocks = append(blocks, sdk.NewSectionBlock(markup(who), nil, nil, sdk.SectionBlockOptionBlockID(d.prefix+"call")))
	}
	if len(c.Text) > 0 {
		icon := bot.Words{}
		if c.Title == "" && icons[c.Tone] != "" {
			icon = bot.Say(icons[c.Tone] + " ")
		}
		blocks = append(blocks, sdk.NewRichTextBlock(d.prefix+"text", sdk.NewRichTextSection(d.rich(append(icon, c.Text...), maxRich)...)))
	}
	if len(c.Facts) > 0 {
		blocks = append(blocks, sdk.NewRichTextBlock(d.prefix+"facts", sdk.NewRichTextSection(d.facts(c.Facts)...)))
	}
	if q := strings.TrimSpace(c.Quote); q != "" {
		why := sdk.NewRichTextSectionTextElement("Why:", &sdk.RichTextSectionTextStyle{Bold: true})
		blocks = append(blocks, sdk.NewRichTextBlock(d.prefix+"quote", sdk.NewRichTextSection(why), quote(q)))
	}
	if len(c.Foot) > 0 {
		blocks = append(blocks, sdk.NewContextBlock(d.prefix+"foot", markup(d.small(c.Foot))))
	}
	if len(c.Buttons) > 0 {
		blocks = append(blocks, sdk.NewActionBlock(d.prefix+"press", buttons(c.Buttons)...))
	}
	return blocks
}

// markup is Slack's own markup; only what this package wrote or escaped may go in.
func markup(s string) *sdk.TextBlockObject {
	t := sdk.NewTextBlockObject(sdk.MarkdownType, s, false, true)
	return t
}

// fallback is what notifications and screen readers say.
func fallback(c bot.Card) string {
	if s := escape(c.Summary(), maxFallback); s != "" {
		return s
	}
	return "jitsudo"
}

func quote(s string) *sdk.RichTextQuote {
	text := sdk.NewRichTextSectionTextElement(cut(s, maxQuote), nil)
	return &sdk.RichTextQuote{Type: sdk.RTEQuote, Elements: []sdk.RichTextSectionElement{text}}
}

func (d drawing) facts(facts []bot.Fact) []sdk.RichTextSectionElement {
	var out []sdk.RichTextSectionElement
	for i, f := range facts {
		label := f.Label + ": "
		if i > 0 {
			label = "\n" + label
		}
		out = append(out, sdk.NewRichTextSectionTextElement(label, &sdk.RichTextSectionTextStyle{Bold: true}))
		out = append(out, d.rich(f.Value, maxRich/4)...)
	}
	return out
}

// rich turns words into rich text, which Slack never reads for markup.
func (d drawing) rich(ws bot.Words, max int) []sdk.RichTextSectionElement {
	var out []sdk.RichTextSectionElement
	called := false // the word before was called in a block of its own
	for _, w := range ws {
		if max <= 0 {
			break
		}
		text := cut(w.Text, max)
		if called && strings.TrimSpace(text) == "" && w.Kind == bot.Plain {
			continue
		}
		called = d.calls[w] != ""
		max -= len([]rune(text))
		switch {
		case called:
		case w.Kind == bot.Moment:
			out = append(out, sdk.NewRichTextSectionDateElement(w.At.Unix(), "{date_short_pretty} at {time}", nil, &w.Text))
		case text != "":
			out = append(out, sdk.NewRichTextSectionTextElement(text, style(w.Kind)))
		}
	}
	return out
}

func style(k bot.Kind) *sdk.RichTextSectionTextStyle {
	switch k {
	case bot.Strong:
		return &sdk.RichTextSectionTextStyle{Bold: true}
	case bot.Code:
		return &sdk.RichTextSectionTextStyle{Code: true}
	}
	return nil
}

// small turns words into markup for small print.
func (d drawing) small(ws bot.Words) string {
	var b strings.Builder
	for _, w := range ws {
		switch w.Kind {
		case bot.Moment:
			fmt.Fprintf(&b, "<!date^%d^{date_short_pretty} at {time}|%s>", w.At.Unix(), w.At.UTC().Format("2006-01-02 15:04 UTC"))
		case bot.Code:
			b.WriteString("`" + strings.ReplaceAll(escape(w.Text, 300), "`", "'") + "`")
		default:
			b.WriteString(escape(w.Text, 300))
		}
	}
	return b.String()
}

// called lists whom the words call, in markup.
func (d drawing) called(ws bot.Words) string {
	var who []string
	for _, w := range ws {
		if m := d.calls[w]; m != "" {
			who = append(who, m)
		}
	}
	return cutMentions(who)
}

// cutMentions joins mentions as long as they fit; none is cut in the middle.
func cutMentions(who []string) string {
	s := ""
	for _, m := range who {
		if len(s)+len(m)+1 > maxText {
			break
		}
		s = strings.TrimSpace(s + " " + m)
	}
	return s
}

func buttons(bs []bot.Button) []sdk.BlockElement {
	var out []sdk.BlockElement
	for _, b := range bs {
		e := sdk.NewButtonBlockElement(string(b.Action), value(b), sdk.NewTextBlockObject(sdk.PlainTextType, cut(b.Label, maxLabel), false, false))
		switch {
		case b.Strong:
			e.Style = sdk.StylePrimary
		case b.Danger:
			e.Style = sdk.StyleDanger
		}
		if b.Sure != "" {
			plain := func(s string, max int) *sdk.TextBlockObject {
				return sdk.NewTextBlockObject(sdk.PlainTextType, cut(s, max), false, false)
			}
			e.Confirm = sdk.NewConfirmationBlockObject(plain(strings.TrimSuffix(b.Label, " …")+"?", 100), plain(b.Sure, maxSure), plain("Yes", 30), plain("No", 30))
		}
		out = append(out, e)
	}
	return out
}

// value is all that a button carries: which request, and which revision of it was shown.
func value(b bot.Button) string {
	if b.RequestID == "" {
		return "-"
	}
	return b.RequestID + ":" + strconv.FormatUint(b.Revision, 10)
}

// readValue reads what a button carries; what it does not understand is no request.
func readValue(s string) (id string, revision uint64, ok bool) {
	id, n, found := strings.Cut(s, ":")
	if !found || !engine.ValidID(id) {
		return "", 0, false
	}
	revision, err := strconv.ParseUint(n, 10, 64)
	return id, revision, err == nil && revision > 0
}

// account is the form of what can be mentioned: a user or a user group.
var account = regexp.MustCompile(`^[SUW][A-Z0-9]{1,30}$`)

// mentionOf writes what calls somebody, "" for what calls nobody.
func mentionOf(who string) string {
	switch {
	case who == "channel" || who == "here" || who == "everyone":
		return "<!" + who + ">"
	case !account.MatchString(who):
		return ""
	case who[0] == 'S':
		return "<!subteam^" + who + ">"
	}
	return "<@" + who + ">"
}
