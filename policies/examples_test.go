package policies

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// besideDefault puts the default bundle and an example in force together, as
// the examples' README invites to: the example in a folder below.
func besideDefault(t *testing.T, example string) *Evaluator {
	t.Helper()
	return mustFixed(t, together(t, example))
}

func together(t *testing.T, example string) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	for dir, fsys := range map[string]fs.FS{".": Default(), example: os.DirFS(filepath.Join("../examples/policies", example))} {
		names, err := fs.Glob(fsys, "*.rego")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: no policies, error %v", dir, err)
		}
		for _, n := range names {
			text, err := fs.ReadFile(fsys, n)
			if err != nil {
				t.Fatal(err)
			}
			all[path.Join(dir, n)] = &fstest.MapFile{Data: text}
		}
	}
	return all
}

// The people of these tests.
var (
	engineer   = principal("eve@example.com", "engineering")
	operator   = principal("alice@example.com", "sre")
	lead       = principal("bob@example.com", "sre-leads")
	otherLead  = principal("ben@example.com", "sre-leads")
	guard      = principal("carol@example.com", "security")
	bothHats   = principal("max@example.com", "sre-leads", "security")
	contractor = principal("zoe@example.com", "contractors", "sre")
)

// during is a moment of the first freeze, before one of none.
var (
	during = time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC)
	before = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
)

// situation is a question about the role edit on prod for half an hour, with a
// ticket, at a time without freeze; a test changes what it is about.
type situation struct {
	action   engine.Action
	who      engine.Principal
	by       engine.Principal // who asked, when who decides
	role     string
	scope    string
	ticket   string
	now      time.Time
	given    []engine.Principal
	glass    bool
	wants    string // part of the refusal, "" when it must be allowed
	required int    // 0: not looked at
}

func (s situation) question() engine.Question {
	q := ask(s.action, s.who, or(s.role, "edit"), 30*time.Minute)
	if approving(s.action) {
		q.Requester = s.by
		q.Request.Requester = s.by.ID
	}
	q.Now = s.now
	if q.Now.IsZero() {
		q.Now = before
	}
	q.Request.Target.Scope = or(s.scope, "prod")
	q.Request.Ticket = s.ticket
	q.Request.BreakGlass = s.glass || s.action == engine.ActBreakGlass
	for _, p := range s.given {
		q.Request.Approvals = append(q.Request.Approvals, engine.Approval{Approver: p.ID, Groups: p.Groups, At: before})
	}
	return q
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (s situation) check(t *testing.T, e *Evaluator) {
	t.Helper()
	d := mustDecide(t, e, s.question())
	if s.required != 0 && d.Terms.Required != s.required {
		t.Errorf("%d approvals required, want %d", d.Terms.Required, s.required)
	}
	if s.wants == "" {
		if !d.Allowed {
			t.Errorf("refused: %q", d.Reasons)
		}
		return
	}
	if d.Allowed || !strings.Contains(strings.Join(d.Reasons, " "), s.wants) {
		t.Errorf("allowed %v, reasons %q, want %q", d.Allowed, d.Reasons, s.wants)
	}
}

func TestExamples_TwoCornersBesideTheDefault(t *testing.T) {
	e := besideDefault(t, "two-corners")
	ok, agreed := engine.ActApprove, "Your corner has agreed already"
	for name, s := range map[string]situation{
		"TwoAreNeeded":                         {action: engine.ActRequest, who: operator, required: 2},
		"TwoAreNeededForTheWholeCluster":       {action: engine.ActRequest, who: operator, scope: "*", required: 2},
		"TwoAreNeededForAQuickLook":            {action: engine.ActRequest, who: operator, role: "view", required: 2},
		"OneIsNeededForStaging":                {action: engine.ActRequest, who: operator, scope: "staging", required: 1},
		"EitherCornerBegins":                   {action: ok, who: lead, by: operator},
		"TheOtherCornerCompletes":              {action: ok, who: guard, by: operator, given: []engine.Principal{lead}},
		"TheSameCornerRefused":                 {action: ok, who: otherLead, by: operator, given: []engine.Principal{lead}, wants: agreed},
		"TheSameCornerOnTheWholeRefused":       {action: ok, who: otherLead, by: operator, scope: "*", given: []engine.Principal{lead}, wants: agreed},
		"WhoIsInBothAfterOneCompletes":         {action: ok, who: bothHats, by: operator, given: []engine.Principal{lead}},
		"AnotherAfterWhoIsInBothCompletes":     {action: ok, who: lead, by: operator, given: []engine.Principal{bothHats}},
		"WhoIsInNoCornerRefusedForALook":       {action: ok, who: operator, by: engineer, role: "view", wants: "decided by leads and by security"},
		"WhoIsInNoCornerRefusedAfterWhoInBoth": {action: ok, who: operator, by: engineer, role: "view", given: []engine.Principal{bothHats}, wants: "decided by leads and by security"},
		"TheSameCornerMayDeny":                 {action: engine.ActDeny, who: otherLead, by: operator, given: []engine.Principal{lead}},
		"TheSameCornerMayEnd":                  {action: engine.ActRevoke, who: otherLead, by: operator, given: []engine.Principal{lead}},
		"StagingIsLeftToTheDefault":            {action: ok, who: otherLead, by: operator, scope: "staging", given: []engine.Principal{lead}},
		"AScopeThatOnlyLooksAlikeIsNotMeant":   {action: ok, who: otherLead, by: operator, scope: "preprod", given: []engine.Principal{lead}},
	} {
		t.Run(name, func(t *testing.T) { s.check(t, e) })
	}
}

func TestExamples_ChangeFreezeBesideTheDefault(t *testing.T) {
	e := besideDefault(t, "change-freeze")
	sale := "Because of the sale nothing is changed"
	for name, s := range map[string]situation{
		"AskingRefused":                      {action: engine.ActRequest, who: operator, now: during, wants: sale},
		"AskingForTheWholeClusterRefused":    {action: engine.ActRequest, who: operator, role: "cluster-admin", scope: "*", now: during, wants: sale},
		"ProlongingTheWholeClusterRefused":   {action: engine.ActExtend, who: operator, role: "cluster-admin", scope: "*", now: during, wants: sale},
		"ApprovingRefused":                   {action: engine.ActApprove, who: lead, by: operator, now: during, wants: sale},
		"ApprovingTheWholeClusterRefused":    {action: engine.ActApprove, who: lead, by: operator, role: "cluster-admin", scope: "*", now: during, wants: sale},
		"AskingBeforeAllowed":                {action: engine.ActRequest, who: operator, scope: "*"},
		"ApprovingBeforeAllowed":             {action: engine.ActApprove, who: lead, by: operator, scope: "*"},
		"ApprovingStagingAllowed":            {action: engine.ActApprove, who: lead, by: engineer, role: "Contributor", scope: "staging", now: during},
		"LookingAllowed":                     {action: engine.ActRequest, who: engineer, role: "view", scope: "*", now: during},
		"ApprovingLongLookingAllowed":        {action: engine.ActApprove, who: guard, by: engineer, role: "view", now: during},
		"DenyingAllowed":                     {action: engine.ActDeny, who: lead, by: operator, now: during},
		"EndingAllowed":                      {action: engine.ActRevoke, who: lead, by: operator, now: during},
		"EmergencyAllowed":                   {action: engine.ActBreakGlass, who: operator, role: "admin", scope: "*", now: during},
		"ApprovingWhatBrokeTheGlassAllowed":  {action: engine.ActApprove, who: lead, by: operator, role: "admin", glass: true, now: during},
		"StagingIsNotFrozen":                 {action: engine.ActApprove, who: lead, by: operator, scope: "staging", now: during},
		"AScopeThatOnlyLooksAlikeIsNotMeant": {action: engine.ActRequest, who: operator, scope: "preprod", now: during},
	} {
		t.Run(name, func(t *testing.T) { s.check(t, e) })
	}
}

func TestExamples_TicketRequiredBesideTheDefault(t *testing.T) {
	e := besideDefault(t, "ticket-required")
	for name, s := range map[string]situation{
		"WithoutRefused":                    {action: engine.ActRequest, who: operator, wants: "Give the ticket"},
		"WithoutOnTheWholeClusterRefused":   {action: engine.ActRequest, who: operator, role: "cluster-admin", scope: "*", wants: "Give the ticket"},
		"ProlongingWithoutRefused":          {action: engine.ActExtend, who: operator, scope: "*", wants: "Give the ticket"},
		"WithSomethingElseRefused":          {action: engine.ActRequest, who: operator, scope: "*", ticket: "later", wants: "later is no ticket"},
		"WithATicketAllowed":                {action: engine.ActRequest, who: operator, scope: "*", ticket: "OPS-1"},
		"LookingAllowed":                    {action: engine.ActRequest, who: engineer, role: "view", scope: "*"},
		"EmergencyAllowed":                  {action: engine.ActBreakGlass, who: operator, role: "admin", scope: "*"},
		"StagingAllowed":                    {action: engine.ActRequest, who: engineer, scope: "staging"},
		"AScopeThatOnlyLooksAlikeIsAllowed": {action: engine.ActRequest, who: operator, scope: "preprod"},
	} {
		t.Run(name, func(t *testing.T) { s.check(t, e) })
	}
}

func TestExamples_ContractorsBesideTheDefault(t *testing.T) {
	e := besideDefault(t, "contractors")
	roles := "Contractors may have the roles edit, editor, view, viewer only."
	for name, s := range map[string]situation{
		"AdminOnStagingRefused":           {action: engine.ActRequest, who: contractor, role: "cluster-admin", scope: "staging", wants: roles},
		"ProlongingAdminRefused":          {action: engine.ActExtend, who: contractor, role: "admin", scope: "dev", wants: roles},
		"ARoleOfAnotherCloudRefused":      {action: engine.ActRequest, who: contractor, role: "Contributor", scope: "staging", wants: roles},
		"ProductionRefused":               {action: engine.ActRequest, who: contractor, role: "view", wants: "no access to production"},
		"TheWholeClusterRefused":          {action: engine.ActRequest, who: contractor, role: "view", scope: "*", wants: "no access to production"},
		"EmergencyRefused":                {action: engine.ActBreakGlass, who: contractor, role: "admin", scope: "staging", wants: "cannot break the glass"},
		"EditingStagingNeedsSomebody":     {action: engine.ActRequest, who: contractor, scope: "staging", required: 1},
		"AQuickLookNeedsSomebody":         {action: engine.ActRequest, who: contractor, role: "view", scope: "staging", required: 1},
		"DecidingRefused":                 {action: engine.ActApprove, who: contractor, by: engineer, role: "view", wants: "do not decide"},
		"AdminForWhoIsNoContractor":       {action: engine.ActRequest, who: operator, role: "cluster-admin", scope: "staging", required: 2},
		"WhoIsNoContractorIsLeftToOthers": {action: engine.ActApprove, who: operator, by: engineer, role: "view"},
	} {
		t.Run(name, func(t *testing.T) { s.check(t, e) })
	}
}

// TestExamples_OnCallBesideTheDefault holds what on-call's README says about the
// default: its "human" goes before "auto" until its tables leave the roles out.
func TestExamples_OnCallBesideTheDefault(t *testing.T) {
	duty := principal("dan@example.com", "sre", "on-call")
	night := time.Date(2026, time.March, 4, 23, 0, 0, 0, time.UTC)
	asking := situation{action: engine.ActRequest, who: duty, now: night}.question()
	e := besideDefault(t, "on-call")
	if d := mustDecide(t, e, asking); !d.Allowed || d.Terms.Tier != engine.TierHuman || d.MaxDuration != time.Hour {
		t.Errorf("beside the default: %+v", d)
	}
	situation{action: engine.ActApprove, who: duty, by: operator, now: night}.check(t, e)
	situation{action: engine.ActApprove, who: operator, by: duty, now: night, wants: "decided by sre-leads"}.check(t, e)

	narrowed := together(t, "on-call")
	delete(narrowed, "approval_test.rego") // it speaks of the line that is gone
	text := strings.Replace(string(narrowed["approval.rego"].Data), `["*"]`, `["roles/owner"]`, 1)
	narrowed["approval.rego"] = &fstest.MapFile{Data: []byte(text)}
	if d := mustDecide(t, mustFixed(t, narrowed), asking); !d.Allowed || d.Terms.Tier != engine.TierAuto || d.Terms.Channel != "#incidents" {
		t.Errorf("beside the narrowed default: %+v", d)
	}
}
