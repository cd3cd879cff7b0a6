package slacksim_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// TestVendorClients lets the vendor's JavaScript clients hold a conversation with the simulator.
func TestVendorClients(t *testing.T) {
	const dir = "vendorclients"
	missing := func(format string, args ...any) {
		if os.Getenv("CI") == "true" {
			t.Fatalf(format, args...)
		}
		t.Skipf(format, args...)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing("node is not installed: %v", err)
	}
	if _, err := os.Stat(dir + "/node_modules/@slack/bolt"); err != nil {
		missing("the clients are not installed; run npm ci in %s: %v", dir, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	o := slacksim.DemoCompany()
	var sim *slacksim.Server
	o.Panels = []slacksim.Panel{{Title: "control", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control(w, r, sim)
	})}}
	if sim, err = slacksim.New(o); err != nil {
		t.Fatal(err)
	}
	bots, web := httptest.NewServer(sim.BotHandler()), httptest.NewServer(sim.WebHandler())
	defer func() { sim.Close(); bots.Close(); web.Close() }()

	cmd := exec.CommandContext(ctx, node, "conversation.mjs")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SIM_API="+bots.URL+"/api/", "SIM_WEB="+web.URL,
		"SIM_BOT_TOKEN="+sim.BotToken(), "SIM_APP_TOKEN="+sim.AppToken())
	out, err := cmd.CombinedOutput()
	t.Logf("node conversation.mjs:\n%s", out)
	if err != nil || !strings.Contains(string(out), "# all said") {
		t.Fatalf("the conversation did not come to its end: %v", err)
	}
}

// control does for the script what no person of the workspace can do.
func control(w http.ResponseWriter, r *http.Request, sim *slacksim.Server) {
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	switch r.URL.Path {
	case "/disconnect":
		sim.Disconnect(r.URL.Query().Get("reason"))
	case "/limit":
		sim.RateLimit(r.URL.Query().Get("method"), 1, time.Second)
	case "/connected":
		if err := sim.Wait(ctx, func() bool { return sim.Connections() > 0 }); err != nil {
			http.Error(w, err.Error(), http.StatusGatewayTimeout)
		}
	default:
		http.NotFound(w, r)
	}
}
