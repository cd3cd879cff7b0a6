package policies

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// combine makes one decision of the answers of those asked whether (deciders)
// and of those asked how (advisers). A veto of either refuses.
func combine(q engine.Question, deciders, advisers []answer) engine.Decision {
	var d engine.Decision
	var vetoes, reasons []string
	for _, a := range deciders {
		d.Allowed = d.Allowed || a.allow
		d.MaxDuration = smaller(d.MaxDuration, a.limit)
		if a.reason != "" && !a.allow {
			reasons = append(reasons, a.reason)
		}
	}
	for _, a := range slices.Concat(deciders, advisers) {
		vetoes = append(vetoes, a.deny...)
	}
	d.Allowed = d.Allowed && len(vetoes) == 0
	d.Terms, d.PendingFor = terms(slices.Concat(deciders, advisers))
	if !d.Allowed {
		d.Reasons = tidy(cmp.Or(first(vetoes), first(reasons), generally(q)), vetoes, reasons)
	}
	return d
}

// first is the head of a list, "" when it is empty.
func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

// tidy joins lists behind a first sentence, each sentence once.
func tidy(head string, lists ...[]string) []string {
	out := []string{head}
	for _, s := range slices.Concat(lists...) {
		if !slices.Contains(out, s) && s != "" {
			out = append(out, s)
		}
	}
	return out
}

// generally says no when no policy gave a reason.
func generally(q engine.Question) string {
	t := q.Request.Target
	what := fmt.Sprintf("the role %s on %s of %s", t.Role, t.Scope, t.Provider)
	switch q.Action {
	case engine.ActRequest, engine.ActExtend:
		return "No policy lets you have " + what + "."
	case engine.ActBreakGlass:
		return "No policy lets you break the glass for " + what + "."
	}
	return fmt.Sprintf("No policy lets you %s this request.", q.Action)
}

// terms is the strictest of everything that was demanded.
func terms(answers []answer) (engine.Terms, time.Duration) {
	var t engine.Terms
	var pending time.Duration
	for _, a := range answers {
		t.Tier = stricter(t.Tier, a.demandedTier())
		t.ApproverGroups = append(t.ApproverGroups, a.groups...)
		t.Approvers = append(t.Approvers, a.people...)
		t.Notify = append(t.Notify, a.notify...)
		t.Channel = cmp.Or(t.Channel, a.channel)
		pending = smaller(pending, a.pending)
		if a.required != nil {
			t.Required = max(t.Required, *a.required)
		}
		if a.assurance == engine.AssuranceStepUp || t.Assurance == "" {
			t.Assurance = a.assurance
		}
	}
	for _, list := range []*[]string{&t.ApproverGroups, &t.Approvers, &t.Notify} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	t.Tier = cmp.Or(t.Tier, engine.TierHuman)
	t.Assurance = cmp.Or(t.Assurance, engine.AssuranceChat)
	if t.Tier == engine.TierAuto {
		t.Required = 0
	} else {
		t.Required = max(t.Required, 1)
	}
	return t, pending
}

// demandedTier is the tier that a policy wants. One that names no tier but says
// who decides, how many of them, or how sure it must be who clicked, means
// people: the default tier, which no other policy's "auto" can do away with.
func (a answer) demandedTier() engine.Tier {
	if a.tier == "" && a.meansPeople() {
		return engine.TierHuman
	}
	return a.tier
}

// meansPeople reports whether a policy demands something that only a person's
// decision can meet.
func (a answer) meansPeople() bool {
	return len(a.groups) > 0 || len(a.people) > 0 || a.assurance == engine.AssuranceStepUp || a.required != nil && *a.required > 0
}

// stricter compares tiers; the empty one says nothing.
func stricter(a, b engine.Tier) engine.Tier {
	order := []engine.Tier{"", engine.TierAuto, engine.TierAI, engine.TierHuman}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// smaller compares limits; zero is none.
func smaller(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}
