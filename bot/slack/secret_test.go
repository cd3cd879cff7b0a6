package slack_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// TestSecretsStayOutOfTheLog: whatever fails, no line at any level holds
// what would let its reader act in our name.
func TestSecretsStayOutOfTheLog(t *testing.T) {
	log := heard{more: make(chan struct{}, 1)}
	r := newRig(t, func(s *setup) {
		s.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	q := r.ask("request sandbox editor prod 20m please")
	secrets := []string{r.sim.BotToken(), r.sim.AppToken(), "/hooks/", "ticket=", "xoxb-", "xapp-"}
	click, err := r.sim.PressPayload(bob, requests, r.card(q).TS, "deny")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"trigger_id", "response_url"} {
		secret, _ := click[k].(string)
		if secret == "" {
			t.Fatalf("the click has no %s", k)
		}
		secrets = append(secrets, secret)
	}
	for _, fault := range []slacksim.Fault{{HangUp: true}, {Status: 500}} {
		r.sim.SetFaults(slacksim.Faults{API: func(m string) slacksim.Fault {
			if m == "users.info" || m == "auth.test" {
				return slacksim.Fault{}
			}
			return fault
		}})
		click["actions"].([]any)[0].(map[string]any)["action_ts"] = "1." + strings.Repeat("1", fault.Status/100)
		for _, text := range []string{"mine", ""} {
			r.slash(alice, text)
		}
		r.forge("interactive", click)
		log.wait(r, "answer could not be delivered", 3)
		log.clear(secrets, t)
	}
	r.sim.SetFaults(slacksim.Faults{API: func(m string) slacksim.Fault { return slacksim.Fault{HangUp: m == "users.info"} }})
	r.wantText("the answer", r.say(alice, "mine"), "cannot tell")
	r.sim.SetFaults(slacksim.Faults{})
	strange := map[string]any{"type": "never_heard_of", "trigger_id": click["trigger_id"], "response_url": click["response_url"], "user": 7}
	for _, kind := range []string{"interactive", "slash_commands", "events_api", "new"} {
		if _, err := r.sim.Forge(r.ctx(), kind, strange); err != nil {
			t.Error(err)
		}
	}
	r.sim.SetOutage(slacksim.HangingUp)
	log.wait(r, "slack connection lost", 1)
	r.stop()
	<-r.ended
	log.clear(secrets, t)
}

// heard is a log that can be listened to.
type heard struct {
	syncBuffer
	more chan struct{}
}

func (s *heard) Write(p []byte) (int, error) {
	n, err := s.syncBuffer.Write(p)
	select {
	case s.more <- struct{}{}:
	default:
	}
	return n, err
}

// wait waits until the log has said something n times.
func (s *heard) wait(r *rig, what string, n int) {
	r.Helper()
	for strings.Count(s.String(), what) < n {
		select {
		case <-s.more:
		case <-r.ctx().Done():
			r.Fatalf("the log does not say %q %d times: %s", what, n, s.String())
		}
	}
}

// clear wants none of the secrets in the log, and begins it anew.
func (s *heard) clear(secrets []string, t *testing.T) {
	t.Helper()
	for line := range strings.Lines(s.String()) {
		for _, secret := range secrets {
			if strings.Contains(line, secret) {
				t.Errorf("%q is in the log: %s", secret, line)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}
