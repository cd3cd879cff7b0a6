package slack_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

// openForm opens the request form with everything but a good duration in it.
func (r *rig) openForm() slacksim.View {
	r.Helper()
	r.slash(alice, "request --role editor --scope prod")
	r.wait("the form", func() bool { return len(r.sim.Views(alice)) == 1 })
	return r.sim.Views(alice)[0]
}

// TestForm_ErrorsAtTheFields: each is shown where it belongs, and nothing that
// was typed is lost.
func TestForm_ErrorsAtTheFields(t *testing.T) {
	for duration, want := range map[string]string{
		"soon":                 `"soon" is not a duration.`,
		"-5m":                  "longer than nothing",
		"0m":                   "longer than nothing",
		"9223372036854775807s": "is not a duration",
		"100h":                 "is too long: the longest access to editor is 8h.",
		"1ms":                  "not a whole number of seconds",
	} {
		t.Run(duration, func(t *testing.T) {
			r := newRig(t)
			v := r.openForm()
			seen, err := r.sim.Person(alice).Submit(r.ctx(), v.ID, slacksim.Values{"duration": {"answer": duration}, "reason": {"answer": "my long explanation"}})
			if err != nil || seen.Warning != "" {
				t.Fatalf("submit: %v %s", err, seen.Warning)
			}
			r.wantText("the duration's error", seen.Errors["duration"], want)
			if kept := fmt.Sprint(seen.Modal.Values); !strings.Contains(kept, "my long explanation") || !strings.Contains(kept, "editor") {
				t.Errorf("what was typed is lost: %s", kept)
			}
			if _, err = r.sim.Person(alice).Submit(r.ctx(), v.ID, slacksim.Values{"duration": {"answer": "5m"}}); err != nil {
				t.Fatal(err)
			}
			r.wait("the form to close", func() bool { return len(r.sim.Views(alice)) == 0 })
			if q := r.newest(); q.Reason != "my long explanation" {
				t.Errorf("the reason is %q", q.Reason)
			}
		})
	}
}

// TestForm_RefusalOfNoField stands above the form, which stays filled in.
func TestForm_RefusalOfNoField(t *testing.T) {
	r := newRig(t, func(s *setup) {
		s.policy = func(q engine.Question) engine.Decision {
			return engine.Decision{Reasons: []string{"Not during the freeze."}}
		}
	})
	v := r.openForm()
	if _, err := r.sim.Person(alice).Submit(r.ctx(), v.ID, slacksim.Values{"duration": {"answer": "5m"}, "reason": {"answer": "my long explanation"}}); err != nil {
		t.Fatal(err)
	}
	r.wait("the refusal", func() bool {
		vs := r.sim.Views(alice)
		return len(vs) == 1 && strings.Contains(shown(vs[0].Blocks), "Not during the freeze.")
	})
	if kept := fmt.Sprint(r.sim.Views(alice)[0].Values); !strings.Contains(kept, "my long explanation") || !strings.Contains(kept, "editor") {
		t.Errorf("what was typed is lost: %s", kept)
	}
}

// TestD3_SlowPlatform: the form is acknowledged in Slack's time although the
// platform hangs, and answered when it can be.
func TestD3_SlowPlatform(t *testing.T) {
	var hang atomic.Bool
	hang.Store(true)
	r := newRig(t, func(s *setup) {
		s.fault = func(op string, _ engine.Access) sandbox.Fault {
			if op == sandbox.OpCheck && hang.Load() {
				return sandbox.Fault{Hang: true}
			}
			return sandbox.Fault{}
		}
		s.limits.ProviderTimeout = 2500 * time.Millisecond
	})
	v := r.openForm()
	began := time.Now()
	seen, err := r.sim.Person(alice).Submit(r.ctx(), v.ID, slacksim.Values{"duration": {"answer": "5m"}, "reason": {"answer": "my long explanation"}})
	if err != nil || seen.Warning != "" || time.Since(began) > 3*time.Second {
		t.Fatalf("submit: %v %s after %s", err, seen.Warning, time.Since(began))
	}
	r.wait("the answer", func() bool {
		vs := r.sim.Views(alice)
		return len(vs) == 1 && strings.Contains(shown(vs[0].Blocks), "sandbox does not answer just now")
	})
	kept := fmt.Sprint(r.sim.Views(alice)[0].Values)
	if !strings.Contains(kept, "my long explanation") || !strings.Contains(kept, "5m") {
		t.Errorf("what was typed is lost: %s", kept)
	}
	hang.Store(false)
	if _, err := r.sim.Person(alice).Submit(r.ctx(), r.sim.Views(alice)[0].ID, nil); err != nil {
		t.Fatal(err)
	}
	r.wait("the form to close", func() bool { return len(r.sim.Views(alice)) == 0 })
	if q := r.newest(); q.Reason != "my long explanation" || q.Duration != 5*time.Minute {
		t.Errorf("the request is for %q, %s", q.Reason, q.Duration)
	}
}

// TestForm_SeveralProviders: the suggestions are those of the chosen platform.
func TestForm_SeveralProviders(t *testing.T) {
	other, err := sandbox.New(sandbox.Options{Name: "labs", Roles: []sandbox.Role{{Name: "chemist"}}, Scopes: []string{"bench"}})
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(s *setup) { s.more = map[string]engine.Platform{"labs": {Provider: other}} })
	r.slash(alice, "")
	r.wait("the form", func() bool { return len(r.sim.Views(alice)) == 1 })
	v := r.sim.Views(alice)[0]
	if _, err := r.sim.Person(alice).Act(r.ctx(), slacksim.Action{ViewID: v.ID, BlockID: "provider", ActionID: "answer", Value: "labs"}); err != nil {
		t.Fatal(err)
	}
	r.wait("the choice to be kept", func() bool { return strings.Contains(r.sim.Views(alice)[0].PrivateMetadata, "labs") })
	seen, err := r.sim.Person(alice).Suggest(r.ctx(), slacksim.Action{ViewID: v.ID, BlockID: "role", ActionID: "answer"}, "")
	if err != nil || len(seen.Options) != 1 || seen.Options[0].Value != "chemist" {
		t.Errorf("suggested is %+v (%v), want chemist", seen.Options, err)
	}
	seen, err = r.sim.Person(alice).Suggest(r.ctx(), slacksim.Action{ViewID: v.ID, BlockID: "role", ActionID: "answer"}, "alchemist")
	if err != nil || len(seen.Options) != 1 || seen.Options[0].Value != "alchemist" {
		t.Errorf("suggested is %+v (%v), want what was typed", seen.Options, err)
	}
}
