package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

func TestA1_SelfApprovalRefused(t *testing.T) {
	w := newWorld(t)
	w.policy.set("all", func(engine.Question) (engine.Decision, error) { return engine.Decision{Allowed: true}, nil })
	r := w.submit("alice", draft("editor"))
	for _, alias := range []string{"alice@example.com", "ALICE@Example.COM", "alice+ops@example.com", " alice@example.com "} {
		t.Run(alias, func(t *testing.T) {
			by, err := w.eng.Identify(context.Background(), alias, engine.ViaSlack, engine.Account{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.eng.Approve(context.Background(), by, engine.Verdict{RequestID: r.ID})
			refusal(t, err, engine.ErrForbidden)
			w.is(r, engine.Pending)
		})
	}
	if _, err := w.eng.Identify(context.Background(), "аlice@example.com", engine.ViaSlack, engine.Account{}); err == nil {
		t.Error("an address that only looks like alice's was accepted")
	}
}

func TestA3_DistinctApprovers(t *testing.T) {
	w := newWorld(t)
	w.policy.set("two", func(q engine.Question) (engine.Decision, error) {
		d, err := oneLead(q)
		d.Terms.Required = 2
		return d, err
	})
	r := w.submit("alice", draft("editor"))
	if r, err := w.approve("bob", r); err != nil || r.State != engine.Pending {
		t.Fatalf("first of two: %s, %v", r.State, err)
	}
	bob := w.as("bob")
	bob.Via = engine.ViaCLI
	_, err := w.eng.Approve(context.Background(), bob, engine.Verdict{RequestID: r.ID})
	refusal(t, err, engine.ErrConflict)
	if r, err := w.approve("carol", r); err != nil || r.State != engine.Approved || len(r.Approvals) != 2 {
		t.Fatalf("second of two: %s, %v", r.State, err)
	}
}

func TestApprove_ForLess(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	for _, d := range []time.Duration{-time.Minute, time.Hour + time.Second} {
		_, err := w.eng.Approve(context.Background(), w.as("bob"), engine.Verdict{RequestID: r.ID, Duration: d})
		refusal(t, err, engine.ErrInvalid)
	}
	r, err := w.eng.Approve(context.Background(), w.as("bob"), engine.Verdict{RequestID: r.ID, Duration: 10 * time.Minute})
	if err != nil || !r.ExpiresAt.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("until %s, %v", r.ExpiresAt, err)
	}
}

func TestS5_DecisionIsBoundToWhatWasShown(t *testing.T) {
	w := newWorld(t)
	w.policy.set("two", func(q engine.Question) (engine.Decision, error) {
		d, err := oneLead(q)
		d.Terms.Required = 2
		return d, err
	})
	card := engine.Message{Chat: "slack", Channel: "C1", ID: "1.1"}
	r := w.submit("alice", draft("editor"))
	_, err := w.store.Update(context.Background(), r.ID, func(r *engine.Request) ([]engine.Event, error) { r.Drawing.Card = card; return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	try := func(v engine.Verdict) error {
		v.RequestID = r.ID
		_, err := w.eng.Approve(context.Background(), w.as("carol"), v)
		return err
	}
	t.Run("OtherMessage", func(t *testing.T) {
		refusal(t, try(engine.Verdict{Revision: 1, On: engine.Message{Chat: "slack", Channel: "C1", ID: "1.2"}}), engine.ErrForbidden)
	})
	t.Run("OtherChannel", func(t *testing.T) {
		refusal(t, try(engine.Verdict{Revision: 1, On: engine.Message{Chat: "slack", Channel: "C2", ID: "1.1"}}), engine.ErrForbidden)
	})
	// Bob shortens it: what carol was shown is no longer what is decided on.
	if _, err := w.eng.Approve(context.Background(), w.as("bob"), engine.Verdict{RequestID: r.ID, Revision: 1, On: card, Duration: time.Minute}); err != nil {
		t.Fatal(err)
	}
	t.Run("OtherRevision", func(t *testing.T) {
		refusal(t, try(engine.Verdict{Revision: 1, On: card}), engine.ErrConflict)
	})
	t.Run("AsShown", func(t *testing.T) {
		if err := try(engine.Verdict{Revision: 2, On: card}); err != nil {
			t.Error(err)
		}
	})
}

func TestS4_SameKeyDecidesOnce(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	v := engine.Verdict{RequestID: r.ID, Key: "click-1"}
	for range 3 {
		got, err := w.eng.Approve(context.Background(), w.as("bob"), v)
		if err != nil || got.State != engine.Approved {
			t.Fatalf("%s, %v", got.State, err)
		}
	}
	if n := len(w.events(r.ID)); n != 3 {
		t.Errorf("%d entries, want created, approved, intended", n)
	}
	_, err := w.eng.Approve(context.Background(), w.as("carol"), v)
	if r := refusal(t, err, engine.ErrConflict); !strings.Contains(r.Say, "bob@example.com") {
		t.Errorf("%q does not say who decided", r.Say)
	}
}

// Many approve and deny at the same instant: one decision, everybody else is
// told the truth.
func TestS1_ManyDecideAtOnce(t *testing.T) {
	const people, rounds = 60, 5
	w := newWorld(t)
	actors := make([]engine.Actor, people)
	for i := range actors {
		id := fmt.Sprintf("lead%d@example.com", i)
		actors[i] = engine.Actor{Principal: engine.Principal{ID: id, Groups: []string{"leads"}}, Via: engine.ViaAPI}
	}
	for range rounds {
		r := w.submit("alice", draft("editor"))
		var wg sync.WaitGroup
		errs := make([]error, people)
		for i, by := range actors {
			wg.Go(func() {
				v := engine.Verdict{RequestID: r.ID, Comment: "because"}
				if i%2 == 0 {
					_, errs[i] = w.eng.Approve(context.Background(), by, v)
				} else {
					_, errs[i] = w.eng.Deny(context.Background(), by, v)
				}
			})
		}
		wg.Wait()
		r = w.get(r.ID)
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			if say := refusal(t, err, engine.ErrConflict).Say; !strings.Contains(say, r.DecidedBy) {
				t.Errorf("%q does not name %s", say, r.DecidedBy)
			}
		}
		if won != 1 {
			t.Fatalf("%d decisions", won)
		}
		w.sweep()
		if n := len(w.cloud.Bindings()); (n == 1) != (w.get(r.ID).State == engine.Active) {
			t.Errorf("%d bindings, request %s", n, w.get(r.ID).State)
		}
		w.run(2*time.Hour, time.Hour)
	}
}

// The policy changes between the judgement and the commit: the judgement is void.
func TestA2_PolicyChangeVoidsAJudgement(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	w.policy.set("r1", func(q engine.Question) (engine.Decision, error) {
		// The change lands while this evaluation runs.
		w.policy.set("r2", func(engine.Question) (engine.Decision, error) {
			return engine.Decision{Reasons: []string{"Frozen."}}, nil
		})
		return engine.Decision{Allowed: true}, nil
	})
	_, err := w.approve("bob", r)
	if r := refusal(t, err, engine.ErrForbidden); r.Say != "Frozen." {
		t.Errorf("%q", r.Say)
	}
	w.is(r, engine.Pending)
}

func TestA4_DenyCancelRevokeHaveTheirRules(t *testing.T) {
	type do func(*engine.Engine, context.Context, engine.Actor, engine.Verdict) (engine.Request, error)
	deny, cancel, revoke := do((*engine.Engine).Deny), do((*engine.Engine).Cancel), do((*engine.Engine).Revoke)
	for name, tc := range map[string]struct {
		by   string
		live bool
		do   do
		kind error
		want engine.State
	}{
		"DenyByStranger":      {"eve", false, deny, engine.ErrForbidden, engine.Pending},
		"DenyByRequester":     {"alice", false, deny, engine.ErrForbidden, engine.Pending},
		"DenyByApprover":      {"bob", false, deny, nil, engine.Rejected},
		"DenyTooLate":         {"bob", true, deny, engine.ErrConflict, engine.Active},
		"CancelByRequester":   {"alice", false, cancel, nil, engine.Canceled},
		"CancelByApprover":    {"bob", false, cancel, engine.ErrForbidden, engine.Pending},
		"CancelByAdmin":       {"root", false, cancel, engine.ErrForbidden, engine.Pending},
		"CancelTooLate":       {"alice", true, cancel, engine.ErrConflict, engine.Active},
		"RevokeByStranger":    {"eve", true, revoke, engine.ErrForbidden, engine.Active},
		"RevokeByRequester":   {"alice", true, revoke, nil, engine.Revoked},
		"RevokeByApprover":    {"bob", true, revoke, nil, engine.Revoked},
		"RevokeByAdmin":       {"root", true, revoke, nil, engine.Revoked},
		"RevokeBeforeItIsOne": {"alice", false, revoke, engine.ErrConflict, engine.Pending},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.submit("alice", draft("editor"))
			if tc.live {
				if _, err := w.approve("bob", r); err != nil {
					t.Fatal(err)
				}
				w.sweep()
			}
			_, err := tc.do(w.eng, context.Background(), w.as(tc.by), engine.Verdict{RequestID: r.ID, Comment: "because"})
			if tc.kind != nil {
				refusal(t, err, tc.kind)
			} else if err != nil {
				t.Fatal(err)
			}
			w.sweep()
			w.is(r, tc.want)
			if w.has(r) != (tc.want == engine.Active) {
				t.Error("access does not fit")
			}
			w.run(2*time.Hour, time.Hour)
		})
	}
}

func TestDeny_NeedsAReason(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	_, err := w.eng.Deny(context.Background(), w.as("bob"), engine.Verdict{RequestID: r.ID, Comment: "  "})
	if r := refusal(t, err, engine.ErrInvalid); r.Field != "reason" {
		t.Errorf("field %q", r.Field)
	}
}

func TestStepUp_FailsClosedWhereThereIsNone(t *testing.T) {
	w := newWorld(t)
	w.policy.set("stepup", func(q engine.Question) (engine.Decision, error) {
		d, err := oneLead(q)
		d.Terms.Assurance = engine.AssuranceStepUp
		return d, err
	})
	r := w.submit("alice", draft("editor"))
	_, err := w.approve("bob", r)
	refusal(t, err, engine.ErrForbidden)
	w.is(r, engine.Pending)
}

func TestIdentify_FailsClosed(t *testing.T) {
	w := newWorld(t)
	w.people["gone@example.com"] = engine.Principal{ID: "gone@example.com", Disabled: true}
	_, err := w.eng.Identify(context.Background(), "gone@example.com", engine.ViaAPI, engine.Account{})
	refusal(t, err, engine.ErrForbidden)
	w.people["alice@example.com"] = engine.Principal{ID: "bob@example.com", Groups: []string{"leads"}}
	_, err = w.eng.Identify(context.Background(), "alice@example.com", engine.ViaAPI, engine.Account{})
	refusal(t, err, engine.ErrUnavailable)
}

func TestReading_OnlyWhatConcernsOne(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	for name, want := range map[string]bool{"alice": true, "bob": true, "root": true, "eve": false} {
		_, err := w.eng.Get(context.Background(), w.as(name), r.ID)
		if (err == nil) != want {
			t.Errorf("get as %s: %v", name, err)
		}
		p, err := w.eng.List(context.Background(), w.as(name), engine.Filter{})
		if err != nil || (len(p.Requests) == 1) != want {
			t.Errorf("list as %s: %d, %v", name, len(p.Requests), err)
		}
	}
	for name, want := range map[string]int{"alice": 1, "bob": 0, "root": 1, "eve": 0} {
		p, err := w.eng.Events(context.Background(), w.as(name), engine.EventFilter{})
		if err != nil || len(p.Events) != want {
			t.Errorf("log as %s: %d, %v", name, len(p.Events), err)
		}
	}
}
