// Package slacksim is a Slack that one can run: a protocol server that any Slack client can be pointed at, people who can
// be told what to do by method calls, and a web page that shows what each of them sees.
//
// It owns the wire: the Web API under /api/, Socket Mode under /link, response URLs under /hooks/, the rules for blocks,
// views, triggers, membership and scopes, and the rendering of message text. It must not know what an access request is,
// nor the bot that talks to it, nor package testing: it is a server, and the demo runs it as well as the tests do.
//
// # Use
//
//	sim, err := slacksim.New(slacksim.Options{})      // the demo company
//	api := httptest.NewServer(sim.BotHandler())       // give a client api.URL + "/api/", sim.BotToken(), sim.AppToken()
//	alice := sim.Person("UALICE")
//	seen, err := alice.Slash(ctx, "CREQUESTS", "/jitsudo", "request")
//	err = sim.Wait(ctx, func() bool { return len(sim.Views("UALICE")) == 1 })
//	seen, err = alice.Submit(ctx, sim.Views("UALICE")[0].ID, slacksim.Values{"reason": {"text": "deploy"}})
//
// Run serves both handlers on two listeners until its context ends. The bot's side ignores Origin, because clients send
// one of their own; the web side refuses every Host that is not loopback and every foreign Origin.
//
// Times are those of Slack (three seconds for an acknowledgement, and so on) and can be shortened by Options.Timing.
package slacksim
