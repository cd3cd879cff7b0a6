package providertest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// abilities are checked where a provider has them.
var abilities = []check{
	{"list_is_what_jitsudo_made_and_nothing_else", list},
	{"suggestions_fit_what_was_typed", suggest},
	{"credentials_end_with_the_access", mint},
	{"text_on_how_to_use_it_is_plain", howToUse},
}

func list(b *bench) {
	l, ok := b.Provider.(engine.Lister)
	if !ok {
		b.Skip("this provider cannot list")
	}
	want := map[string]engine.Access{}
	for i := range 3 {
		a := b.access(b.Targets[i%2])
		b.grant(a)
		want[a.ID] = a
	}
	other := b.access(b.Targets[0])
	if err := b.PlantStanding(b.Context(), other); err != nil {
		b.Fatal(err)
	}
	if _, err := b.PlantForeign(b.Context(), other); err != nil {
		b.Fatal(err)
	}
	all, err := l.List(b.Context())
	if err != nil || len(all) != len(want) {
		b.Fatalf("list: %d, %v; want %d", len(all), err, len(want))
	}
	for _, got := range all {
		a := want[got.ID]
		if got.Principal != a.Principal || got.Target != a.Target || !got.Deadline.Equal(a.Deadline) {
			b.Errorf("list has %+v, want %+v", got, a)
		}
		b.revoke(got) // what was found can be taken away as it was found
	}
	b.wantCount(0)
}

func suggest(b *bench) {
	s, ok := b.Provider.(engine.Suggester)
	if !ok {
		b.Skip("this provider does not suggest")
	}
	target := b.Targets[0]
	for field, value := range map[string]string{"role": target.Role, "scope": target.Scope} {
		for _, prefix := range []string{"", value[:1], value, strings.ToUpper(value)} {
			choices, err := s.Suggest(b.Context(), engine.Suggestion{Field: field, Prefix: prefix, Target: target, Limit: 100})
			if err != nil || !offers(choices, value) {
				b.Errorf("%s for %q: %v, %v; %q is missing", field, prefix, choices, err, value)
			}
			for _, c := range choices {
				if !strings.HasPrefix(c.Value, strings.ToLower(prefix)) {
					b.Errorf("%s for %q offers %q", field, prefix, c.Value)
				}
			}
		}
		if one, err := s.Suggest(b.Context(), engine.Suggestion{Field: field, Limit: 1}); err != nil || len(one) != 1 {
			b.Errorf("%s with limit 1: %v, %v", field, one, err)
		}
	}
	none, err := s.Suggest(b.Context(), engine.Suggestion{Field: "role", Prefix: "no-such-thing-", Limit: 10})
	if err != nil || len(none) != 0 {
		b.Errorf("a prefix of nothing: %v, %v", none, err)
	}
	if none, err := s.Suggest(b.Context(), engine.Suggestion{Field: "reason", Limit: 10}); err != nil || len(none) != 0 {
		b.Errorf("a field without choices: %v, %v", none, err)
	}
}

func offers(choices []engine.Choice, value string) bool {
	for _, c := range choices {
		if c.Value == value {
			return true
		}
	}
	return false
}

func mint(b *bench) {
	m, ok := b.Provider.(engine.Minter)
	if !ok {
		b.Skip("this provider mints nothing")
	}
	a := b.access(b.Targets[0])
	if _, err := m.Mint(b.Context(), a); err == nil {
		b.Fatal("credentials for what was never granted")
	}
	b.grant(a)
	first, err := m.Mint(b.Context(), a)
	if err != nil || len(first.Values) == 0 || first.ExpiresAt.After(a.Deadline) || first.IssuedAt.After(first.ExpiresAt) {
		b.Fatalf("credentials from %v to %v (%v), for a deadline of %v", first.IssuedAt, first.ExpiresAt, err, a.Deadline)
	}
	longer := a
	longer.Deadline = a.Deadline.Add(24 * time.Hour)
	if c, err := m.Mint(b.Context(), longer); err == nil && c.ExpiresAt.After(a.Deadline) {
		b.Errorf("a later deadline prolonged the credentials to %v", c.ExpiresAt)
	}
	for _, s := range first.Values {
		if s.Reveal() == "" || strings.Contains(fmt.Sprintf("%v %+v %#v %s", s, s, s, s), s.Reveal()) {
			b.Errorf("the credential %s is empty or prints itself", s.Name)
		}
	}
	b.revoke(a)
	if _, err := m.Mint(b.Context(), a); err == nil || errors.Is(err, engine.ErrUnavailable) {
		b.Errorf("credentials after the end: %v", err)
	}
}

func howToUse(b *bench) {
	g, ok := b.Provider.(engine.Guide)
	if !ok {
		b.Skip("this provider gives no guidance")
	}
	for _, t := range b.Targets {
		text := g.HowToUse(b.access(t))
		if len(text) < 20 || strings.ContainsAny(text, "<>*_~\x00\r") && !strings.Contains(text, "`") || strings.Count(text, "`")%2 != 0 {
			b.Errorf("the text is %q", text)
		}
	}
}
