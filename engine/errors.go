package engine

import (
	"errors"
	"fmt"
)

// The kinds of error that cross the engine's edge. Compare with errors.Is.
var (
	// ErrInvalid: what was asked makes no sense, and never will.
	ErrInvalid = errors.New("invalid")
	// ErrForbidden: the person may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound: there is no such thing, or the person may not know of it.
	ErrNotFound = errors.New("not found")
	// ErrConflict: too late, or in the wrong state.
	ErrConflict = errors.New("conflict")
	// ErrLimited: too much, too fast.
	ErrLimited = errors.New("limited")
	// ErrUnavailable: something that is needed does not answer just now.
	ErrUnavailable = errors.New("unavailable")
)

// Refusal is an error whose text is safe and meant for people: one clear
// sentence, and where there is one, a way out.
type Refusal struct {
	Kind  error  // one of the kinds above
	Field string // the input field at fault, "" when it is none: provider, role, scope, duration, reason, …
	Say   string // one sentence for the person
	Hint  string // the way out, may be empty
}

// Error returns the sentence, without the hint.
func (r *Refusal) Error() string { return r.Say }

// Unwrap returns the kind, so that errors.Is(err, ErrForbidden) works.
func (r *Refusal) Unwrap() error { return r.Kind }

// Refuse makes a Refusal of a kind with a sentence for people.
func Refuse(kind error, format string, args ...any) *Refusal {
	return &Refusal{Kind: kind, Say: fmt.Sprintf(format, args...)}
}

// On names the input field at fault.
func (r *Refusal) On(field string) *Refusal { r.Field = field; return r }

// WithHint adds the way out.
func (r *Refusal) WithHint(format string, args ...any) *Refusal {
	r.Hint = fmt.Sprintf(format, args...)
	return r
}

// Explain returns the text of err that may be shown to a person: the sentence
// and the hint of a [Refusal], and for anything else a sentence that gives no
// internals away.
func Explain(err error) string {
	var r *Refusal
	switch {
	case err == nil:
		return ""
	case errors.As(err, &r) && r.Hint != "":
		return r.Say + " " + r.Hint
	case errors.As(err, &r):
		return r.Say
	case errors.Is(err, ErrNotFound):
		return "There is no such request, or you may not see it."
	case errors.Is(err, ErrUnavailable):
		return "Something jitsudo needs does not answer just now. Nothing was changed; try again in a moment."
	}
	return "Something went wrong inside jitsudo. Nothing was changed; try again, and tell whoever runs it if it persists."
}
