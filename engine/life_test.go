package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

func TestLife_FromRequestToVerifiedEnd(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("editor"))
	if r.State != engine.Pending || !engine.ValidID(r.ID) {
		t.Fatalf("submitted: %s %s", r.ID, r.State)
	}
	w.sweep()
	if w.has(r) {
		t.Fatal("access before approval")
	}
	r, err := w.approve("bob", r)
	if err != nil || r.State != engine.Approved || !r.ExpiresAt.Equal(noon.Add(time.Hour)) {
		t.Fatalf("approved: %s until %s, %v", r.State, r.ExpiresAt, err)
	}
	w.sweep()
	if r = w.is(r, engine.Active); !w.has(r) {
		t.Fatal("ACTIVE without access")
	}
	w.run(59*time.Minute, time.Minute)
	if w.is(r, engine.Active); !w.has(r) {
		t.Fatal("access gone before the deadline")
	}
	w.run(time.Minute, 30*time.Second)
	if r = w.is(r, engine.Expired); w.has(r) {
		t.Fatal("EXPIRED with access")
	}
	want := []string{"request.created", "request.approved", "grant.intended", "grant.issued", "grant.expiring", "grant.expired"}
	if got := w.actions(r.ID); !slices.Equal(got, want) {
		t.Errorf("log: %v", got)
	}
}

func TestLife_AutoApprovedIsOneCommitWithBothEntries(t *testing.T) {
	w := newWorld(t)
	r := w.submit("alice", draft("viewer"))
	if r.State != engine.Approved {
		t.Fatalf("state %s", r.State)
	}
	if got, want := w.actions(r.ID), []string{"request.created", "request.auto_approved", "grant.intended"}; !slices.Equal(got, want) {
		t.Errorf("log: %v", got)
	}
}

func TestB1_BreakGlass(t *testing.T) {
	w := newWorld(t)
	d := draft("admin")
	d.BreakGlass, d.Duration = true, 30*time.Minute
	t.Run("PolicyIsAsked", func(t *testing.T) {
		_, err := w.eng.Submit(context.Background(), w.as("eve"), d)
		refusal(t, err, engine.ErrForbidden)
	})
	t.Run("HardCap", func(t *testing.T) {
		long := d
		long.Duration = 61 * time.Minute
		_, err := w.eng.Submit(context.Background(), w.as("alice"), long)
		if r := refusal(t, err, engine.ErrInvalid); r.Field != "duration" || !strings.Contains(r.Hint, "1h") {
			t.Errorf("%q hint %q", r.Say, r.Hint)
		}
	})
	t.Run("StraightToApprovedWithTheAlertInTheSameCommit", func(t *testing.T) {
		r := w.submit("alice", d)
		if r.State != engine.Approved {
			t.Fatalf("state %s", r.State)
		}
		events := w.events(r.ID)
		if got := w.actions(r.ID); !slices.Equal(got, []string{"request.created", "break_glass.used", "grant.intended"}) {
			t.Errorf("log: %v", got)
		}
		for _, e := range events {
			if e.Details["break_glass"] != true {
				t.Errorf("%s is not flagged", e.Action)
			}
		}
	})
}

func TestSubmit_BadInput(t *testing.T) {
	w := newWorld(t)
	for name, tc := range map[string]struct {
		change func(*engine.Draft)
		kind   error
		field  string
		say    string
	}{
		"UnknownProvider":      {func(d *engine.Draft) { d.Target.Provider = "sandbx" }, engine.ErrInvalid, "provider", "sandbx"},
		"NoProvider":           {func(d *engine.Draft) { d.Target.Provider = "" }, engine.ErrInvalid, "provider", "missing"},
		"UnknownRole":          {func(d *engine.Draft) { d.Target.Role = "editr" }, engine.ErrInvalid, "role", "editr"},
		"NoRole":               {func(d *engine.Draft) { d.Target.Role = "" }, engine.ErrInvalid, "role", "missing"},
		"UnknownScope":         {func(d *engine.Draft) { d.Target.Scope = "mars" }, engine.ErrInvalid, "scope", "mars"},
		"ScopeOfControl":       {func(d *engine.Draft) { d.Target.Scope = "pr\x00od" }, engine.ErrInvalid, "scope", "U+0000"},
		"RoleHomoglyph":        {func(d *engine.Draft) { d.Target.Role = "аdmin" }, engine.ErrInvalid, "role", "plain ASCII"},
		"DurationZero":         {func(d *engine.Draft) { d.Duration = 0 }, engine.ErrInvalid, "duration", "longer than nothing"},
		"DurationNegative":     {func(d *engine.Draft) { d.Duration = -time.Hour }, engine.ErrInvalid, "duration", "longer than nothing"},
		"DurationFraction":     {func(d *engine.Draft) { d.Duration = 1500 * time.Millisecond }, engine.ErrInvalid, "duration", "whole number"},
		"DurationBeyondCap":    {func(d *engine.Draft) { d.Duration = 8*time.Hour + time.Second }, engine.ErrInvalid, "duration", "too long"},
		"ReasonMissing":        {func(d *engine.Draft) { d.Reason = " \n " }, engine.ErrInvalid, "reason", "missing"},
		"ReasonTooLong":        {func(d *engine.Draft) { d.Reason = strings.Repeat("ä", 10_000) }, engine.ErrInvalid, "reason", "10000 characters"},
		"ReasonControl":        {func(d *engine.Draft) { d.Reason = "ab\x1b[31m" }, engine.ErrInvalid, "reason", "U+001B at position 3"},
		"ReasonRightToLeft":    {func(d *engine.Draft) { d.Reason = "ab\u202Ecd" }, engine.ErrInvalid, "reason", "U+202E"},
		"ReasonNotUTF8":        {func(d *engine.Draft) { d.Reason = "ab\xff" }, engine.ErrInvalid, "reason", "UTF-8"},
		"TicketTooLong":        {func(d *engine.Draft) { d.Ticket = strings.Repeat("T", 201) }, engine.ErrInvalid, "ticket", "201"},
		"MetadataTooMany":      {func(d *engine.Draft) { d.Metadata = many(21) }, engine.ErrInvalid, "metadata", "21"},
		"MetadataValueControl": {func(d *engine.Draft) { d.Metadata = map[string]string{"k": "a\x07"} }, engine.ErrInvalid, "metadata", "U+0007"},
		"KeyTooLong":           {func(d *engine.Draft) { d.Key = strings.Repeat("k", 201) }, engine.ErrInvalid, "idempotency_key", "longer"},
	} {
		t.Run(name, func(t *testing.T) {
			d := draft("editor")
			tc.change(&d)
			_, err := w.eng.Submit(context.Background(), w.as("alice"), d)
			r := refusal(t, err, tc.kind)
			if r.Field != tc.field || !strings.Contains(r.Say, tc.say) || strings.ContainsAny(r.Say, "\n\x1b\u202e") {
				t.Errorf("field %q, %q; want field %q, a sentence with %q", r.Field, r.Say, tc.field, tc.say)
			}
		})
	}
	if p, _ := w.store.List(context.Background(), engine.Filter{}); len(p.Requests) != 0 {
		t.Errorf("%d requests were made", len(p.Requests))
	}
}

func many(n int) map[string]string {
	m := map[string]string{}
	for i := range n {
		m[strings.Repeat("k", i+1)] = "v"
	}
	return m
}

func TestSubmit_MentionsAndMarkupAreJustText(t *testing.T) {
	w := newWorld(t)
	d := draft("editor")
	d.Reason = "<!channel> <@U1> *bold* line\nbreak 👨‍👩‍👧"
	if r := w.submit("alice", d); r.Reason != d.Reason {
		t.Errorf("reason %q", r.Reason)
	}
}

func TestSubmit_SameKeySameRequest(t *testing.T) {
	w := newWorld(t)
	d := draft("editor")
	d.Key = "k1"
	a, b := w.submit("alice", d), w.submit("alice", d)
	if a.ID != b.ID {
		t.Error("two requests for one key")
	}
	if c := w.submit("carol", d); c.ID == a.ID {
		t.Error("somebody else's key gave alice's request")
	}
}

func TestSubmit_Quotas(t *testing.T) {
	w := newWorld(t, func(o *engine.Options) { o.Limits = engine.Limits{PendingPerPerson: 2, RatePerPerson: 4} })
	d := draft("editor")
	d.Key = "first"
	w.submit("alice", d)
	w.submit("alice", draft("editor"))
	_, err := w.eng.Submit(context.Background(), w.as("alice"), draft("editor"))
	refusal(t, err, engine.ErrLimited)
	w.submit("alice", d) // the same key again is no new request
	w.submit("carol", draft("editor"))
	urgent := draft("admin")
	urgent.BreakGlass, urgent.Duration = true, time.Minute
	w.submit("alice", urgent) // what waits does not hold up an emergency
	w.submit("alice", urgent)
	_, err = w.eng.Submit(context.Background(), w.as("alice"), urgent)
	refusal(t, err, engine.ErrLimited)
	w.pass(time.Hour)
	w.submit("alice", urgent)
	w.run(10*time.Minute, time.Minute)
}

func TestA6_CapsHoldWhateverPolicySays(t *testing.T) {
	w := newWorld(t, func(o *engine.Options) { o.Limits.MaxDuration = 2 * time.Hour })
	w.policy.set("generous", func(engine.Question) (engine.Decision, error) {
		return engine.Decision{Allowed: true, MaxDuration: 100 * time.Hour, Terms: engine.Terms{Tier: engine.TierAuto}}, nil
	})
	d := draft("admin")
	d.Duration = 2*time.Hour + time.Second
	_, err := w.eng.Submit(context.Background(), w.as("alice"), d)
	refusal(t, err, engine.ErrInvalid)
	d.Duration = 2 * time.Hour
	w.submit("alice", d)
}

func TestA5_ZeroDecisionAndErrorsRefuse(t *testing.T) {
	w := newWorld(t)
	for name, decide := range map[string]func(engine.Question) (engine.Decision, error){
		"Zero": func(engine.Question) (engine.Decision, error) { return engine.Decision{}, nil },
		"AllowWithError": func(engine.Question) (engine.Decision, error) {
			return engine.Decision{Allowed: true}, errors.New("boom")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w.policy.set(name, decide)
			_, err := w.eng.Submit(context.Background(), w.as("alice"), draft("editor"))
			if r := refusal(t, err, engine.ErrForbidden); strings.Contains(r.Say, "boom") {
				t.Errorf("internals shown: %q", r.Say)
			}
		})
	}
}

func TestU9_RefusalsAreOnRecord(t *testing.T) {
	w := newWorld(t)
	d := draft("admin")
	d.BreakGlass, d.Duration = true, time.Minute
	_, err := w.eng.Submit(context.Background(), w.as("eve"), d)
	refusal(t, err, engine.ErrForbidden)
	r := w.submit("alice", draft("editor"))
	_, err = w.approve("eve", r)
	refusal(t, err, engine.ErrForbidden)
	p, _ := w.store.Events(context.Background(), engine.EventFilter{Action: engine.EvAuthRefused})
	if len(p.Events) != 2 || p.Events[0].Actor != "eve@example.com" || p.Events[0].Outcome != engine.Failure || p.Events[0].RequestID != r.ID {
		t.Errorf("log: %+v", p.Events)
	}
}

func TestS6_LapseAtTheVeryInstant(t *testing.T) {
	for name, tc := range map[string]struct {
		after time.Duration
		ok    bool
	}{"JustBefore": {24*time.Hour - time.Nanosecond, true}, "Then": {24 * time.Hour, false}, "After": {24*time.Hour + time.Nanosecond, false}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.submit("alice", draft("editor"))
			w.pass(tc.after)
			_, err := w.approve("bob", r)
			if (err == nil) != tc.ok {
				t.Fatalf("approve: %v", err)
			}
			w.sweep()
			want := engine.Active
			if !tc.ok {
				want = engine.Lapsed
			}
			w.is(r, want)
			if w.has(r) != tc.ok {
				t.Error("access does not fit")
			}
			if tc.ok {
				w.run(2*time.Hour, 30*time.Minute)
			}
		})
	}
}

func TestR5_DeadlineNeverGrows(t *testing.T) {
	w := newWorld(t)
	w.setFault(func(op string, _ engine.Access) sandbox.Fault {
		if op == sandbox.OpGrant {
			return sandbox.Fault{Fail: errors.New("busy")}
		}
		return sandbox.Fault{}
	})
	d := draft("editor")
	d.Duration = 10 * time.Minute
	r := w.submit("alice", d)
	if _, err := w.approve("bob", r); err != nil {
		t.Fatal(err)
	}
	w.sweep()
	w.run(5*time.Minute, 15*time.Second)
	w.is(r, engine.Approved)
	w.setFault(nil)
	w.restart()
	if err := w.eng.Recover(context.Background(), time.Minute); err != nil {
		t.Fatal(err)
	}
	w.run(time.Minute, 15*time.Second)
	if r = w.is(r, engine.Active); !r.ExpiresAt.Equal(noon.Add(10 * time.Minute)) {
		t.Errorf("deadline moved to %s by retries and a restart", r.ExpiresAt)
	}
	w.run(5*time.Minute, 15*time.Second)
	w.is(r, engine.Expired)
}

// A slip of the pen is named as such, also where policy would refuse it anyway.
func TestSubmit_MisspeltRoleIsNotCalledForbidden(t *testing.T) {
	w := newWorld(t)
	w.policy.set("none", func(engine.Question) (engine.Decision, error) { return engine.Decision{}, nil })
	_, err := w.eng.Submit(context.Background(), w.as("alice"), draft("editr"))
	if r := refusal(t, err, engine.ErrInvalid); r.Field != "role" || !strings.Contains(r.Hint, "editor") {
		t.Errorf("%q, hint %q", r.Say, r.Hint)
	}
	_, err = w.eng.Submit(context.Background(), w.as("alice"), draft("editor"))
	refusal(t, err, engine.ErrForbidden)
}
