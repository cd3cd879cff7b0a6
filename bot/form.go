package bot

import (
	"encoding/json"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// The forms there are.
const (
	RequestForm = "jitsudo_request"
	DenyForm    = "jitsudo_deny"
)

// The names of the fields, which are those that a Refusal names.
const (
	FieldProvider   = "provider"
	FieldRole       = "role"
	FieldScope      = "scope"
	FieldDuration   = "duration"
	FieldReason     = "reason"
	FieldTicket     = "ticket"
	FieldBreakGlass = "break_glass"
)

// FieldKind is how a field is filled in.
type FieldKind int

// The kinds of fields.
const (
	LineField    FieldKind = iota // a line of text
	TextField                     // several lines
	ChoiceField                   // one of Options
	SuggestField                  // one of what [Desk.Suggest] offers while typing
	TickField                     // yes or no: Value is "yes" or ""
)

// Option is one choice.
type Option struct{ Value, Label string }

// Field is one thing that is asked.
type Field struct {
	Name     string
	Label    string
	Hint     string
	Kind     FieldKind
	Value    string // filled in already
	Options  []Option
	Max      int // characters, 0 for no bound
	Optional bool
}

// Form asks a person for something.
type Form struct {
	Name   string // one of the forms there are
	Title  string
	Submit string
	Intro  Words  // what it is about
	Alert  string // why it was not taken, "" when it is new
	Fields []Field
	Hidden string // comes back with the answers; a hint, and no proof of anything
}

// Answers are a form filled in.
type Answers struct {
	Form   string
	Hidden string
	Values map[string]string // by field name
	Key    string            // the same for the same form sent twice
	At     Press             // where it began: zero when it was not a button
	In     string            // the channel where it was opened, "" for none
}

// refilled returns the form with what was answered, and why it was not taken.
func (f Form) refilled(values map[string]string, why string) Form {
	fields := append([]Field(nil), f.Fields...)
	for i := range fields {
		if v, ok := values[fields[i].Name]; ok {
			fields[i].Value = v
		}
	}
	f.Fields, f.Alert = fields, why
	return f
}

// newRequestForm asks for access. d holds what is known already.
func newRequestForm(providers []string, d engine.Draft, duration string) Form {
	options := make([]Option, len(providers))
	for i, p := range providers {
		options[i] = Option{Value: p, Label: p}
	}
	if d.Target.Provider == "" && len(providers) == 1 {
		d.Target.Provider = providers[0]
	}
	if duration == "" && d.Duration > 0 {
		duration = engine.FormatDuration(d.Duration)
	}
	tick := ""
	if d.BreakGlass {
		tick = "yes"
	}
	return Form{Name: RequestForm, Title: "Request access", Submit: "Request", Fields: []Field{
		{Name: FieldProvider, Label: "Provider", Kind: ChoiceField, Value: d.Target.Provider, Options: options},
		{Name: FieldRole, Label: "Role", Kind: SuggestField, Value: d.Target.Role, Hint: "Type to search."},
		{Name: FieldScope, Label: "Scope", Kind: SuggestField, Value: d.Target.Scope, Hint: "Where: an account, a project, a namespace. Type to search."},
		{Name: FieldDuration, Label: "How long", Kind: LineField, Value: duration, Max: 20, Hint: "For example 30m, 2h30m or 1d."},
		{Name: FieldReason, Label: "Why", Kind: TextField, Value: d.Reason, Max: engine.MaxReason, Hint: "Kept in the audit log; approvers read it."},
		{Name: FieldBreakGlass, Label: "Emergency", Kind: TickField, Value: tick, Optional: true,
			Options: []Option{{Value: "yes", Label: "Break-glass: nobody has to approve, and everybody is alerted"}}},
	}}
}

// newDenyForm asks why.
func newDenyForm(r engine.Request, p Press) Form {
	hidden, _ := json.Marshal(p) // strings and a number cannot fail
	about := Say(r.Requester+" asks for ", what(r.Target), " for "+engine.FormatDuration(r.Duration)+".")
	if r.Requester == "" {
		about = Say("Request ", Name(r.ID))
	}
	return Form{
		Name: DenyForm, Title: "Deny this request?", Submit: "Deny", Hidden: string(hidden),
		Intro: about,
		Fields: []Field{{Name: FieldReason, Label: "Why not", Kind: TextField, Max: engine.MaxComment,
			Hint: "The requester reads this."}},
	}
}

// draft reads the answers of a request form; the errors are by field.
func (a Answers) draft() (engine.Draft, map[string]string) {
	v := a.Values
	d := engine.Draft{
		Target: engine.Target{Provider: v[FieldProvider], Role: v[FieldRole], Scope: v[FieldScope]},
		Reason: v[FieldReason], Ticket: v[FieldTicket], BreakGlass: v[FieldBreakGlass] == "yes", Channel: a.In, Key: a.Key,
	}
	errs := map[string]string{}
	var err error
	if d.Duration, err = parseDuration(v[FieldDuration]); err != nil {
		errs[FieldDuration] = engine.Explain(err)
	}
	return d, errs
}

func parseDuration(s string) (time.Duration, error) {
	if s == "" {
		return 0, engine.Refuse(engine.ErrInvalid, "Say how long you need it.").WithHint("For example 30m.")
	}
	return engine.ParseDuration(s)
}
