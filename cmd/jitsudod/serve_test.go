package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

const onlySandbox = "providers: {sandbox: {}}\n"

func TestServe_UnixSocketKnowsTheCaller(t *testing.T) {
	dir := t.TempDir()
	d := launch(t, "serve", "--config", configuration(t, dir, onlySandbox))
	socket := filepath.Join(dir, "j.sock")
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Fatalf("T3: socket %v, %v", info, err)
	}
	if code, body := get(t, overSocket(socket), "/api/v1alpha1/whoami"); code != 200 || !strings.Contains(body, "alice@example.com") {
		t.Errorf("whoami: %d %s", code, body)
	}
	if code, body := get(t, overSocket(socket), "/readyz"); code != 200 {
		t.Errorf("readyz: %d %s", code, body)
	}
	if code := d.stop(); code != 0 {
		t.Errorf("stopped with %d: %s", code, d.errs)
	}
	if _, err := os.Stat(socket); !os.IsNotExist(err) {
		t.Error("the socket is left behind")
	}
}

func TestServe_SocketOfADeadDaemonIsReplaced(t *testing.T) {
	dir := t.TempDir()
	path := configuration(t, dir, onlySandbox)
	launch(t, "serve", "--config", path).stop()
	l, err := listenSocket(filepath.Join(dir, "j.sock"))
	if err != nil {
		t.Fatal(err)
	}
	// Closing without removing is what a kill leaves.
	l.(interface{ SetUnlinkOnClose(bool) }).SetUnlinkOnClose(false)
	_ = l.Close()
	launch(t, "serve", "--config", path)
}

func TestServe_BadBeginnings(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil     func(t *testing.T, dir, path string)
		more      string
		say, hint string
	}{
		"MisspeltKey": {say: "line 8", hint: `"providers"`, more: "provider: {sandbox: {}}\n"},
		"SecondDaemonOnTheFile": {say: "Another jitsudod", spoil: func(t *testing.T, _, path string) {
			launch(t, "serve", "--config", path)
		}},
		"FileOfAnotherFormat": {say: "not a jitsudo database", spoil: func(t *testing.T, dir, _ string) {
			write(t, filepath.Join(dir, "j.db"), strings.Repeat("SQLite format 3\x00", 1000))
		}},
		"FileIsAFolder": {say: "j.db", spoil: func(t *testing.T, dir, _ string) {
			if err := os.Mkdir(filepath.Join(dir, "j.db"), 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		"NoConfiguration": {say: "cannot be read", hint: "jitsudod init", spoil: func(t *testing.T, _, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			more := tc.more
			if more == "" {
				more = onlySandbox
			}
			path := configuration(t, dir, more)
			if tc.spoil != nil {
				tc.spoil(t, dir, path)
			}
			code, _, stderr := command(t, "serve", "--config", path)
			lines := strings.Split(strings.TrimSpace(stderr), "\n")
			last := strings.Join(lines, "\n")
			if code != 1 || !strings.Contains(last, "jitsudod: ") || !strings.Contains(last, tc.say) || !strings.Contains(last, tc.hint) {
				t.Errorf("exit %d, %q; want 1, %q and hint %q", code, stderr, tc.say, tc.hint)
			}
		})
	}
}

// Whatever is wrong with policies, doors or tokens, what is overdue is taken away.
func TestServe_TroubleDoesNotKeepAccessFromEnding(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, dir string)
		more  string
		say   string
	}{
		"PolicyDoesNotCompile": {say: "approval.rego:3", spoil: func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "policies", "approval.rego"), "package jitsudo.approval\n\nallow if nonsense(1)\n")
		}},
		"NoPolicyFolder": {say: "policies", spoil: func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "policies")); err != nil {
				t.Fatal(err)
			}
		}},
		"SocketPathTaken": {say: "no socket", spoil: func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "j.sock"), "a file")
		}},
		"TokenOfTheWrongKind": {say: "xoxb-", more: "slack: {bot_token: hello, app_token: xapp-1, channel: C1}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := configuration(t, dir, "providers: {sandbox: {file: "+dir+"/cloud.json}}\n"+tc.more)
			id := leaveAccessBehind(t, dir)
			if tc.spoil != nil {
				tc.spoil(t, dir)
			}
			d := launch(t, "serve", "--config", path)
			if !strings.Contains(d.errs.String(), tc.say) {
				t.Errorf("it does not say %q: %s", tc.say, d.errs)
			}
			d.stop()
			s, err := bolt.Open(filepath.Join(dir, "j.db"), bolt.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if r, err := s.Get(t.Context(), id); err != nil || r.State != engine.Expired {
				t.Errorf("overdue request is %s, %v", r.State, err)
			}
			cloud, err := sandbox.New(sandbox.Options{File: filepath.Join(dir, "cloud.json")})
			if err != nil || len(cloud.Bindings()) != 0 {
				t.Errorf("left in the cloud: %v, %v", cloud.Bindings(), err)
			}
		})
	}
}

// leaveAccessBehind gives access that has been overdue for a minute, as a daemon
// that was stopped leaves it.
func leaveAccessBehind(t *testing.T, dir string) string {
	t.Helper()
	now := time.Now().UTC()
	r := engine.Request{
		ID: "req_01J8KZ4F2EMNQZ3V7XKQYBD4WA", Version: 2, Revision: 1, State: engine.Active, Requester: "alice@example.com",
		Target: engine.Target{Provider: "sandbox", Role: "editor", Scope: "prod"}, Reason: "x", Duration: time.Hour,
		CreatedAt: now.Add(-2 * time.Hour), GrantedAt: now.Add(-time.Hour), ExpiresAt: now.Add(-time.Minute), WakeAt: now.Add(-time.Minute),
	}
	withStore(t, dir, func(s *bolt.Store) {
		if err := s.Create(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	})
	cloud, err := sandbox.New(sandbox.Options{File: filepath.Join(dir, "cloud.json"), Now: func() time.Time { return r.GrantedAt }})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Grant(t.Context(), r.Access()); err != nil {
		t.Fatal(err)
	}
	return r.ID
}

// A daemon that cannot reach Slack still ends access and serves its API, and
// says what is wrong.
func TestServe_SlackTroubleIsSaidAndSurvived(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(o *slacksim.Options)
		config func(sim *slacksim.Server) string
		say    string
	}{
		"WrongToken": {config: func(sim *slacksim.Server) string {
			return "bot_token: xoxb-wrong, app_token: " + sim.AppToken() + ", channel: CREQUESTS"
		}, say: "token"},
		"WrongAppToken": {config: func(sim *slacksim.Server) string {
			return "bot_token: " + sim.BotToken() + ", app_token: xapp-wrong, channel: CREQUESTS"
		}, say: "token"},
		"MissingScope": {
			change: func(o *slacksim.Options) { o.App.Scopes = []string{"commands", "channels:read", "users:read"} },
			config: func(sim *slacksim.Server) string {
				return "bot_token: " + sim.BotToken() + ", app_token: " + sim.AppToken() + ", channel: CREQUESTS"
			}, say: "chat:write",
		},
		"NotInChannel": {
			change: func(o *slacksim.Options) {
				o.Channels = append(o.Channels, slacksim.Channel{ID: "CEMPTY", Name: "empty", Members: []slacksim.UserID{"UALICE"}})
			},
			config: func(sim *slacksim.Server) string {
				return "bot_token: " + sim.BotToken() + ", app_token: " + sim.AppToken() + ", channel: CEMPTY"
			}, say: "nvite",
		},
	} {
		t.Run(name, func(t *testing.T) {
			company := slacksim.DemoCompany()
			if tc.change != nil {
				tc.change(&company)
			}
			sim, api := workspace(t, company)
			dir := t.TempDir()
			launch(t, "serve", "--config", configuration(t, dir, onlySandbox+"slack: {"+tc.config(sim)+", api_url: "+`"`+api+`"}`))
			client := overSocket(filepath.Join(dir, "j.sock"))
			eventually(t, "it says what is wrong", func() bool {
				code, body := get(t, client, "/readyz")
				return code == 503 && strings.Contains(body, tc.say)
			})
			if code, _ := get(t, client, "/api/v1alpha1/whoami"); code != 200 {
				t.Errorf("the API answers %d", code)
			}
		})
	}
}

func TestP2_PoliciesAreReloaded(t *testing.T) {
	dir := t.TempDir()
	d := launch(t, "serve", "--config", configuration(t, dir, onlySandbox))
	client := overSocket(filepath.Join(dir, "j.sock"))
	reloads := func() string {
		_, body := get(t, client, "/api/v1alpha1/audit?action=policy.reloaded")
		return body
	}
	approval := filepath.Join(dir, "policies", "approval.rego")
	t.Run("BadFileLeavesTheOldInForce", func(t *testing.T) {
		write(t, approval, "package jitsudo.approval\n\nallow if nonsense(1)\n")
		d.hangup <- os.Interrupt
		eventually(t, "the failure is said", func() bool { return strings.Contains(d.errs.String(), "the old ones stay in force") })
		if code, body := get(t, client, "/readyz"); code != 200 {
			t.Errorf("readyz %d %s", code, body)
		}
	})
	t.Run("GoodFileIsPutInForce", func(t *testing.T) {
		write(t, approval, leadsApprove+"\nreason := \"Ask a lead.\"\n")
		eventually(t, "the reload is on record", func() bool {
			return strings.Contains(reloads(), "policy.reloaded") || strings.Contains(d.errs.String(), "policies reloaded")
		})
	})
}

func TestInit_WritesWhatCheckConfigAccepts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "conf")
	code, stdout, stderr := command(t, "init", dir)
	if code != 0 {
		t.Fatal(stderr)
	}
	for _, f := range []string{"jitsudod.yaml", "jitsudod.service", "slack-manifest.yaml", "policies"} {
		if !strings.Contains(stdout, f) {
			t.Errorf("%s was not written", f)
		}
	}
	path := filepath.Join(dir, "jitsudod.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The only thing that has to be filled in are the tokens.
	code, _, stderr = command(t, "check-config", "--config", path)
	if code != 1 || !strings.Contains(stderr, "bot token is missing") {
		t.Errorf("unedited: %d %s", code, stderr)
	}
	if err := os.Chmod(path, 0o600); err != nil { // it is about to hold tokens
		t.Fatal(err)
	}
	write(t, path, strings.Replace(string(text), "slack:\n", "slack:\n  bot_token: xoxb-1\n  app_token: xapp-1\n", 1))
	if code, stdout, stderr = command(t, "check-config", "--config", path); code != 0 || !strings.Contains(stdout, "is fine") {
		t.Errorf("edited: %d %s %s", code, stdout, stderr)
	}
	if code, _, stderr = command(t, "init", dir); code != 1 || !strings.Contains(stderr, "nothing was written") {
		t.Errorf("again: %d %s", code, stderr)
	}
}

func TestSlackManifest_IsTheExampleInTheTree(t *testing.T) {
	_, stdout, _ := command(t, "slack-manifest")
	example, err := os.ReadFile("../../examples/slack/manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(example), stdout) {
		t.Error("examples/slack/manifest.yaml is not what `jitsudod slack-manifest` prints; write it anew")
	}
}

func TestUsage(t *testing.T) {
	if code, _, stderr := command(t, "srve"); code != 2 || !strings.HasPrefix(stderr, "jitsudod: ") {
		t.Errorf("%d %q", code, stderr)
	}
	if code, stdout, _ := command(t, "version"); code != 0 || !strings.HasPrefix(stdout, "jitsudod ") {
		t.Errorf("%d %q", code, stdout)
	}
	if code, stdout, _ := command(t, "--help"); code != 0 || !strings.Contains(stdout, "demo") {
		t.Errorf("%d %q", code, stdout)
	}
}
