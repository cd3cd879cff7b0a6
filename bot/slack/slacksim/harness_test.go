package slacksim_test

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// rig is a simulator with a listener and a Web API client.
type rig struct {
	*testing.T
	sim *slacksim.Server
	url string
	api *slack.Client
}

func newRig(t *testing.T, change ...func(*slacksim.Options)) *rig {
	t.Helper()
	o := slacksim.OddCompany()
	o.Seed = 7
	o.Timing.Ack = 400 * time.Millisecond // long for a bot in the same process, short for a test that waits for it
	for _, c := range change {
		c(&o)
	}
	sim, err := slacksim.New(o)
	if err != nil {
		t.Fatalf("new simulator: %v", err)
	}
	srv := httptest.NewServer(sim.BotHandler())
	t.Cleanup(func() { sim.Close(); srv.Close() })
	r := &rig{T: t, sim: sim, url: srv.URL}
	r.api = r.client(sim.BotToken())
	return r
}

func (r *rig) client(botToken string) *slack.Client {
	return slack.New(botToken, slack.OptionAPIURL(r.url+"/api/"), slack.OptionAppLevelToken(r.sim.AppToken()))
}

func (r *rig) ctx() context.Context {
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	r.Cleanup(cancel)
	return ctx
}

// wait fails the test unless cond comes to hold.
func (r *rig) wait(what string, cond func() bool) {
	r.Helper()
	if err := r.sim.Wait(r.ctx(), cond); err != nil {
		r.Fatalf("%s: %v", what, err)
	}
}

// event is one envelope with the connection that received it.
type event struct {
	client int
	socketmode.Event
	ack func(payload ...any)
}

// connect runs n socket mode clients that give every envelope to handle, and waits until all are greeted.
func (r *rig) connect(n int, handle func(event)) {
	r.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for i := range n {
		smc := socketmode.New(r.api)
		all.Go(func() { _ = smc.RunContext(ctx) })
		all.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case ev := <-smc.Events:
					if ev.Request == nil || ev.Request.EnvelopeID == "" {
						continue
					}
					all.Go(func() {
						handle(event{client: i, Event: ev, ack: func(p ...any) { _ = smc.Ack(*ev.Request, p...) }})
					})
				}
			}
		})
	}
	r.Cleanup(func() { cancel(); all.Wait() })
	r.wait("connections", func() bool { return r.sim.Connections() == n })
}

func section(text string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, text, false, false), nil, nil)
}

func button(id, label, value string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(id, value, slack.NewTextBlockObject(slack.PlainTextType, label, false, false))
}

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// form is a modal with a reason, a role asked of the app, and nothing else.
func form() slack.ModalViewRequest {
	role := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plain("Role"), "role")
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: "request", Title: plain("Request access"), Submit: plain("Ask"), Close: plain("Cancel"),
		NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("why", plain("Reason"), nil, slack.NewPlainTextInputBlockElement(plain("Why?"), "text")),
			slack.NewInputBlock("what", plain("Role"), nil, role),
		}},
	}
}
