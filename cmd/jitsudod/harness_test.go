package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes/kubetest"
)

// cluster is the real API server that the tests of this package share.
var cluster kubetest.Shared

func TestMain(m *testing.M) { os.Exit(cluster.Main(m).Run()) }

// patience is how long a test waits for what comes from another process or
// over a socket before it counts as never.
const patience = 60 * time.Second

// output collects what a running command prints.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// running is a jitsudod under test.
type running struct {
	t      *testing.T
	out    *output
	errs   *output
	hangup chan os.Signal
	stop   func() int // stops it gracefully and returns its exit code
}

// launch runs jitsudod until it serves.
func launch(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{t: t, out: &output{}, errs: &output{}, hangup: make(chan os.Signal, 1)}
	ready, done := make(chan struct{}), make(chan int, 1)
	go func() {
		done <- run(args, surroundings{
			ctx: ctx, stdout: r.out, stderr: r.errs, getenv: func(string) string { return "" }, hangup: r.hangup,
			ready: sync.OnceFunc(func() { close(ready) }),
		})
	}()
	r.stop = sync.OnceValue(func() int {
		cancel()
		select {
		case code := <-done:
			return code
		case <-time.After(patience):
			t.Error("the daemon does not stop")
			return -1
		}
	})
	t.Cleanup(func() { r.stop() })
	select {
	case <-ready:
	case code := <-done:
		done <- code
		t.Fatalf("jitsudod %s ended with %d: %s", strings.Join(args, " "), code, r.errs)
	case <-time.After(patience):
		t.Fatalf("jitsudod %s does not serve: %s", strings.Join(args, " "), r.errs)
	}
	return r
}

// command runs a jitsudod command to its end.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, errs bytes.Buffer
	code = run(args, surroundings{ctx: ctx, stdout: &out, stderr: &errs, getenv: func(string) string { return "" }})
	return code, out.String(), errs.String()
}

// workspace is a simulated Slack that serves.
func workspace(t *testing.T, o slacksim.Options) (*slacksim.Server, string) {
	t.Helper()
	sim, err := slacksim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	bot, web := listener(t), listener(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sim.Run(ctx, bot, web) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("simulator: %v", err)
		}
	})
	return sim, "http://" + bot.Addr().String() + "/api/"
}

func listener(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// eventually waits for what an outside server shows.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}

// seen waits for what the simulated Slack shows.
func seen(t *testing.T, sim *slacksim.Server, what string, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := sim.Wait(ctx, cond); err != nil {
		t.Fatalf("never seen in Slack: %s (%v)", what, err)
	}
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// overSocket calls the daemon's API on its unix socket.
func overSocket(socket string) *http.Client {
	return &http.Client{Timeout: patience, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
}

func get(t *testing.T, c *http.Client, path string) (int, string) {
	t.Helper()
	res, err := c.Get("http://localhost" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// anyLead is a policy of few words: everybody may ask, the group leads approves.
const anyLead = `package jitsudo.eligibility

allow if input.action == "request"
allow if { input.action == "break_glass"; "sre" in input.user.groups }
`

const leadsApprove = `package jitsudo.approval

approver_groups contains "leads"

allow if "leads" in input.user.groups
`

// configuration writes a daemon's configuration and policies into dir.
func configuration(t *testing.T, dir, more string) string {
	t.Helper()
	write(t, filepath.Join(dir, "policies", "eligibility.rego"), anyLead)
	write(t, filepath.Join(dir, "policies", "approval.rego"), leadsApprove)
	return write(t, filepath.Join(dir, "jitsudod.yaml"), fmt.Sprintf(`
server: {socket: %[1]s/j.sock}
store: {path: %[1]s/j.db}
policies: {dir: %[1]s/policies}
auth: {local: {users: {"%[2]d": alice@example.com}}, admins: [admins]}
directory: {groups: {sre: [alice@example.com], leads: [bob@example.com], admins: [carol@example.com]}}
log: {format: text, level: debug}
%[3]s
`, dir, os.Getuid(), more))
}
