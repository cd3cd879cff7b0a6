package slack

import (
	"encoding/json"
	"strings"

	sdk "github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot"
)

const (
	answerID = "answer" // the action of every field; the block is named after the field
	maxMeta  = 3000
	maxTitle = 24
	maxHint  = 2000
	maxValue = 150 // of an option
	// maxAck is what Slack takes as an answer in an acknowledgement; a longer one
	// is ignored without a word (facts of the Socket Mode: 20,480 bytes).
	maxAck = 18_000
)

// meta comes back with a form. Its reader can see and change it: it is a hint.
type meta struct {
	Hidden   string `json:"hidden,omitempty"`
	In       string `json:"in,omitempty"`
	Provider string `json:"provider,omitempty"`
}

// modal draws a form. Block IDs are the names of the fields, which are ours.
func modal(f bot.Form, in string) *sdk.ModalViewRequest {
	m := meta{Hidden: f.Hidden, In: in}
	v := &sdk.ModalViewRequest{
		Type: sdk.VTModal, CallbackID: f.Name,
		Title:  plainText(f.Title, maxTitle),
		Submit: plainText(f.Submit, maxTitle),
		Close:  plainText("Cancel", maxTitle),
	}
	var blocks []sdk.Block
	if f.Alert != "" {
		text := sdk.NewRichTextSectionTextElement("⚠️ "+cut(f.Alert, maxRich/2), &sdk.RichTextSectionTextStyle{Bold: true})
		blocks = append(blocks, sdk.NewRichTextBlock("alert", sdk.NewRichTextSection(text)))
	}
	if len(f.Intro) > 0 {
		blocks = append(blocks, sdk.NewRichTextBlock("intro", sdk.NewRichTextSection(drawing{}.rich(f.Intro, maxRich/2)...)))
	}
	for _, field := range f.Fields {
		blocks = append(blocks, input(field))
		if field.Name == bot.FieldProvider {
			m.Provider = field.Value
		}
	}
	v.Blocks = sdk.Blocks{BlockSet: blocks}
	if raw, err := json.Marshal(m); err == nil && len(raw) <= maxMeta {
		v.PrivateMetadata = string(raw)
	}
	return v
}

func input(f bot.Field) *sdk.InputBlock {
	var hint *sdk.TextBlockObject
	if f.Hint != "" {
		hint = plainText(f.Hint, maxHint)
	}
	b := sdk.NewInputBlock(f.Name, plainText(f.Label, maxHint), hint, element(f))
	b.Optional = f.Optional
	// The platform decides which roles there are, so its choice is told at once.
	b.DispatchAction = f.Kind == bot.ChoiceField && len(f.Options) > 1
	return b
}

func element(f bot.Field) sdk.BlockElement {
	switch f.Kind {
	case bot.ChoiceField:
		e := sdk.NewOptionsSelectBlockElement(sdk.OptTypeStatic, plainText("Choose", 150), answerID, options(f.Options)...)
		e.InitialOption = initial(f)
		return e
	case bot.SuggestField:
		e := sdk.NewOptionsSelectBlockElement(sdk.OptTypeExternal, plainText("Type to search", 150), answerID)
		e.InitialOption, e.MinQueryLength = initial(f), new(int)
		return e
	case bot.TickField:
		e := sdk.NewCheckboxGroupsBlockElement(answerID, options(f.Options)...)
		if f.Value != "" && len(e.Options) > 0 {
			e.InitialOptions = e.Options[:1]
		}
		return e
	}
	e := sdk.NewPlainTextInputBlockElement(nil, answerID)
	e.Multiline = f.Kind == bot.TextField
	e.InitialValue = cut(f.Value, maxText)
	e.MaxLength = min(f.Max, maxText)
	if f.Max > 0 {
		e.InitialValue = cut(f.Value, f.Max)
	}
	return e
}

func options(os []bot.Option) []*sdk.OptionBlockObject {
	out := []*sdk.OptionBlockObject{}
	for _, o := range os {
		if o.Value == "" || len([]rune(o.Value)) > maxValue || len(out) == 100 {
			continue // Slack would refuse all of them
		}
		label := o.Label
		if label == "" {
			label = o.Value
		}
		out = append(out, sdk.NewOptionBlockObject(o.Value, plainText(label, maxLabel), nil))
	}
	return out
}

func initial(f bot.Field) *sdk.OptionBlockObject {
	if f.Value == "" || len([]rune(f.Value)) > maxValue {
		return nil
	}
	if f.Kind == bot.ChoiceField {
		for _, o := range options(f.Options) {
			if o.Value == f.Value {
				return o
			}
		}
		return nil
	}
	return sdk.NewOptionBlockObject(f.Value, plainText(f.Value, maxLabel), nil)
}

func plainText(s string, max int) *sdk.TextBlockObject {
	if s = strings.TrimSpace(cut(s, max)); s == "" {
		s = "–"
	}
	return sdk.NewTextBlockObject(sdk.PlainTextType, s, false, false)
}

// note is a modal that only says something.
func note(title string, ws bot.Words) *sdk.ModalViewRequest {
	return &sdk.ModalViewRequest{
		Type: sdk.VTModal, CallbackID: "jitsudo_note", Title: plainText(title, maxTitle), Close: plainText("Close", maxTitle),
		Blocks: sdk.Blocks{BlockSet: []sdk.Block{
			sdk.NewRichTextBlock("note", sdk.NewRichTextSection(drawing{}.rich(ws, maxRich)...)),
		}},
	}
}

// answers reads a form that was sent, and where it was opened.
func answers(v sdk.View) (bot.Answers, meta) {
	var m meta
	_ = json.Unmarshal([]byte(v.PrivateMetadata), &m) // nothing in it is proof of anything
	a := bot.Answers{Form: v.CallbackID, Hidden: m.Hidden, Values: map[string]string{}, Key: "view:" + v.ID, In: m.In}
	if v.State == nil {
		return a, m
	}
	for block, actions := range v.State.Values {
		answer, ok := actions[answerID]
		if !ok {
			continue
		}
		switch answer.Type {
		case sdk.ActionType(sdk.METCheckboxGroups):
			a.Values[block] = ""
			if len(answer.SelectedOptions) > 0 {
				a.Values[block] = answer.SelectedOptions[0].Value
			}
		case sdk.ActionType(sdk.OptTypeStatic), sdk.ActionType(sdk.OptTypeExternal):
			a.Values[block] = answer.SelectedOption.Value
		default:
			a.Values[block] = answer.Value
		}
	}
	if a.Values[bot.FieldProvider] == "" && m.Provider != "" {
		a.Values[bot.FieldProvider] = m.Provider
	}
	return a, m
}

// offered turns suggestions into an acknowledgement that Slack does not ignore
// for its length.
func offered(os []bot.Option) sdk.OptionsResponse {
	all := options(os)
	for n := len(all); ; n-- {
		r := sdk.OptionsResponse{Options: all[:n]}
		if raw, err := json.Marshal(r); n == 0 || err == nil && len(raw) <= maxAck {
			return r
		}
	}
}
