package policies

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// needsOne is a decision that somebody has to agree to.
func needsOne(d engine.Decision) bool {
	return d.Terms.Tier == engine.TierHuman && d.Terms.Required == 1
}

type combination struct {
	fsys fstest.MapFS
	is   func(engine.Decision) bool
}

// combinations are policies and what must be true of the decision on a request.
func combinations() map[string]combination {
	yes, no := eligible("allow := true"), eligible("default allow := false")
	return map[string]combination{
		"OneAllowIsEnough": {files("a.rego", no, "b.rego", yes), func(d engine.Decision) bool { return d.Allowed && d.Reasons == nil }},
		"OneDenyVetoes": {files("a.rego", yes, "b.rego", eligible(`deny contains "Not today."`)), func(d engine.Decision) bool {
			return !d.Allowed && slices.Equal(d.Reasons, []string{"Not today."})
		}},
		"DenyOfApprovalVetoesARequest": {files("a.rego", yes, "b.rego", approve(`deny contains "Frozen."`)), func(d engine.Decision) bool {
			return !d.Allowed && slices.Equal(d.Reasons, []string{"Frozen."})
		}},
		"AllowOfApprovalIsNoneForARequest": {files("a.rego", no, "b.rego", approve("allow := true")), func(d engine.Decision) bool { return !d.Allowed }},
		"ReasonsOfThoseWhoDidNotAllow": {files("a.rego", eligible(`reason := "A."`), "b.rego", eligible(`reason := "B."`)), func(d engine.Decision) bool {
			return !d.Allowed && slices.Equal(d.Reasons, []string{"A.", "B."})
		}},
		"StrictestTier": {files("a.rego", yes, "b.rego", approve(`approver_tier := "auto"`), "c.rego", approve(`approver_tier := "human"`), "d.rego", approve(`approver_tier := "ai_review"`)), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierHuman && d.Terms.Required == 1
		}},
		"AutoNeedsNobody": {files("a.rego", yes, "b.rego", approve("approver_tier := \"auto\"\nrequired_approvals := 1")), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierAuto && d.Terms.Required == 0
		}},
		"AutoDoesNotLiftTheApprovalsOfAnother": {files("a.rego", yes, "b.rego", approve(`approver_tier := "auto"`), "c.rego", approve("required_approvals := 2")), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierHuman && d.Terms.Required == 2
		}},
		"AutoDoesNotLiftTheGroupsOfAnother":     {files("a.rego", yes, "b.rego", approve(`approver_tier := "auto"`), "c.rego", approve(`approver_groups := {"leads"}`)), needsOne},
		"AutoDoesNotLiftTheApproversOfAnother":  {files("a.rego", yes, "b.rego", approve(`approver_tier := "auto"`), "c.rego", approve(`approvers contains "bob@example.com"`)), needsOne},
		"AutoDoesNotLiftTheStepUpOfAnother":     {files("a.rego", yes, "b.rego", approve(`approver_tier := "auto"`), "c.rego", approve(`assurance := "step_up"`)), needsOne},
		"AiReviewDoesNotLiftTheGroupsOfAnother": {files("a.rego", yes, "b.rego", approve(`approver_tier := "ai_review"`), "c.rego", approve(`approver_groups := {"leads"}`)), needsOne},
		"WhoNamesNobodyForThisRequestLeavesAuto": {files("a.rego", yes, "b.rego", approve(`approver_tier := "auto"`), "c.rego", approve("approver_groups contains \"leads\" if input.request.role == \"other\"\nassurance := \"chat\"\nrequired_approvals := 0")), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierAuto && d.Terms.Required == 0
		}},
		"NobodySaidAnythingMeansOnePerson": {files("a.rego", yes), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierHuman && d.Terms.Required == 1 && d.Terms.Assurance == engine.AssuranceChat
		}},
		"HumanMeansAtLeastOne": {files("a.rego", yes, "b.rego", approve("approver_tier := \"human\"\nrequired_approvals := 0")), func(d engine.Decision) bool {
			return d.Terms.Tier == engine.TierHuman && d.Terms.Required == 1
		}},
		"LargestNumberOfApprovals": {files("a.rego", yes, "b.rego", approve("required_approvals := 3"), "c.rego", approve("required_approvals := 2")), func(d engine.Decision) bool { return d.Terms.Required == 3 }},
		"SmallestDuration": {files("a.rego", eligible("allow := true\nmax_duration_seconds := 600"), "b.rego", eligible("max_duration_seconds := 60"), "c.rego", eligible("deny := set()")), func(d engine.Decision) bool {
			return d.Allowed && d.MaxDuration == time.Minute
		}},
		"ShortestWait":       {files("a.rego", yes, "b.rego", approve("pending_seconds := 90"), "c.rego", approve("pending_seconds := 30")), func(d engine.Decision) bool { return d.PendingFor == 30*time.Second }},
		"StrictestAssurance": {files("a.rego", yes, "b.rego", approve(`assurance := "step_up"`), "c.rego", approve(`assurance := "chat"`)), func(d engine.Decision) bool { return d.Terms.Assurance == engine.AssuranceStepUp }},
		"Unions": {files("a.rego", yes, "b.rego", approve("approver_groups := {\"x\", \"y\"}\napprovers := {\"b@c\"}\nnotify := {\"n\"}"), "c.rego", approve("approver_groups contains \"w\"\napprovers := [\"a@b\"]\nnotify := {\"n\", \"m\"}")), func(d engine.Decision) bool {
			return slices.Equal(d.Terms.ApproverGroups, []string{"w", "x", "y"}) && slices.Equal(d.Terms.Approvers, []string{"a@b", "b@c"}) && slices.Equal(d.Terms.Notify, []string{"m", "n"})
		}},
		"ChannelOfTheFirstFile": {files("a.rego", yes, "b.rego", approve(`channel := "one"`), "c.rego", approve(`channel := "two"`)), func(d engine.Decision) bool { return d.Terms.Channel == "one" }},
	}
}

func TestAnswersAreCombined(t *testing.T) {
	req := ask(engine.ActRequest, alice, "viewer", time.Hour)
	for name, c := range combinations() {
		t.Run(name, func(t *testing.T) {
			e := mustFixed(t, c.fsys)
			d := mustDecide(t, e, req)
			if !c.is(d) {
				t.Fatalf("decision %+v", d)
			}
			if d.Revision != e.Revision() || d.Terms.PolicyRevision != e.Revision() || len(d.Revision) != 64 || len(d.InputHash) != 64 {
				t.Fatalf("revision %q, terms %q, in force %q, hash %q", d.Revision, d.Terms.PolicyRevision, e.Revision(), d.InputHash)
			}
		})
	}
}
