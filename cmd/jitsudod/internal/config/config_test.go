package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const good = `
server: {socket: /tmp/j.sock, listen: "127.0.0.1:7077"}
store: {path: /tmp/j.db}
policies: {dir: /tmp/p}
providers: {sandbox: {}}
directory: {groups: {admins: [Carol@Example.com]}}
auth: {admins: [admins]}
requests: {pending_for: 1d, warn_before: 0, pending_per_person: 0}
`

func TestParse_GoodFile(t *testing.T) {
	c, err := Parse("jitsudod.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	l := c.Requests.Limits()
	if l.PendingFor != 24*time.Hour || l.WarnBefore >= 0 || l.PendingPerPerson >= 0 || l.RatePerPerson != 0 {
		t.Errorf("limits = %+v: want 24h, and no limit where 0 is written, and the default where nothing is", l)
	}
	if len(c.Digest) != 64 {
		t.Errorf("digest = %q", c.Digest)
	}
}

func TestParse_Refused(t *testing.T) {
	for name, tc := range map[string]struct {
		replace, with string
		line          int
		want, hint    string
	}{
		"MisspeltTopKey":     {"store:", "stoer:", 3, `"stoer"`, `"store"`},
		"MisspeltInnerKey":   {"{socket:", "{sockt:", 2, `"sockt" in server`, `"socket"`},
		"KeyTwice":           {"policies:", "store:", 4, "twice", ""},
		"BadDuration":        {"1d", "-5m", 8, "longer than nothing", ""},
		"NotADuration":       {"1d", "soon", 8, "not a duration", ""},
		"ScalarForGroup":     {"{sandbox: {}}", "sandbox", 5, "providers must be a group", ""},
		"NotLoopback":        {"127.0.0.1:7077", "0.0.0.0:7077", 0, "not a loopback", ""},
		"NoStorePath":        {"store: {path: /tmp/j.db}", "", 0, "store.path is missing", ""},
		"NoPolicies":         {"policies: {dir: /tmp/p}", "", 0, "policies.dir is missing", ""},
		"NoProvider":         {"{sandbox: {}}", "{}", 0, "providers is empty", ""},
		"AdminsGroupUnknown": {"{admins: [admins]}", "{admins: [admin]}", 0, `"admin"`, ""},
		"NotASCIIPerson":     {"Carol@Example.com", "cаrol@example.com", 0, "plain ASCII", ""},
		"UnknownDriver":      {"{path: /tmp/j.db}", "{path: /tmp/j.db, driver: mysql}", 0, "mysql", ""},
		"Alias":              {"{path: /tmp/j.db}", "{path: &a /tmp/j.db}\nlog: {level: *a}", 0, "", ""},
		"NotYAML":            {"store: {", "store: {{{", 0, "not YAML", ""},
		"TwoDocuments":       {"store: {path: /tmp/j.db}", "store: {path: /tmp/j.db}\n---\na: b", 0, "more than one", ""},
		"SlackNoChannel":     {"providers:", "slack: {bot_token: x}\nproviders:", 0, "slack.channel is missing", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(good, tc.replace, tc.with, 1)
			if text == good {
				t.Fatal("the case changes nothing")
			}
			_, err := Parse("jitsudod.yaml", []byte(text))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error = %v, want a *Error", err)
			}
			if tc.line != 0 && e.Line != tc.line || !strings.Contains(e.Say, tc.want) || !strings.Contains(e.Hint, tc.hint) {
				t.Errorf("line %d, %q, hint %q: want line %d, %q, hint %q", e.Line, e.Say, e.Hint, tc.line, tc.want, tc.hint)
			}
			if !strings.Contains(err.Error(), "jitsudod.yaml") || strings.Count(err.Error(), "\n") != 0 {
				t.Errorf("%q is not one line that names the file", err)
			}
		})
	}
}

func TestSize_IsReadAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]int64{
		"0": DefaultMaxSize, "500MiB": 500 << 20, "2GiB": 2 << 30, "2 gib": 2 << 30, "3GB": 3e9, "1TiB": 1 << 40,
		"16777216": 16 << 20, "64KiB": 64 << 10, "7b": 7, "null": DefaultMaxSize,
	} {
		c, err := Parse("jitsudod.yaml", []byte(strings.Replace(good, "{path: /tmp/j.db}", "{path: /tmp/j.db, max_size: "+text+"}", 1)))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := c.Store.MaxSize.Or(DefaultMaxSize); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
	c, err := Parse("jitsudod.yaml", []byte(good))
	if err != nil || c.Store.MaxSize.Or(DefaultMaxSize) != DefaultMaxSize {
		t.Errorf("absent: %+v, %v", c.Store, err)
	}
	for _, text := range []string{"-1", "-2GiB", "much", "2G", "1.5GiB", "GiB", "{a: 1}", "[1]", "9999999999GiB", "99999999999999999999", "''"} {
		_, err := Parse("jitsudod.yaml", []byte(strings.Replace(good, "{path: /tmp/j.db}", "{path: /tmp/j.db, max_size: "+text+"}", 1)))
		var e *Error
		if !errors.As(err, &e) || e.Line != 3 || !strings.Contains(e.Say, "is not a size") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	f.Add("2GiB")
	f.Add("0")
	f.Add("9223372036854775807")
	f.Add("-5mb")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseSize(text)
		if n < 0 || err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("%q: %d, %v", text, n, err)
		}
		if again, err2 := ParseSize(fmt.Sprint(int64(n))); err == nil && (err2 != nil || again != n) {
			t.Errorf("%q is %d, and that is %d, %v", text, n, again, err2)
		}
	})
}

func TestLoad_MissingFileSaysWhatToDo(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"))
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint, "jitsudod init") {
		t.Errorf("error = %v", err)
	}
}

func TestLoad_FileThatOthersCanTouch(t *testing.T) {
	withToken := good + "slack: {bot_token: xoxb-1, app_token: xapp-1, channel: C1}\n"
	for name, tc := range map[string]struct {
		text string
		mode os.FileMode
		say  string
	}{
		"WritableByOthers":    {good, 0o646, "can change it"},
		"WritableByGroup":     {good, 0o660, "can change it"},
		"ReadableNoSecrets":   {good, 0o644, ""},
		"ReadableWithSecrets": {withToken, 0o644, "can read it"},
		"PrivateWithSecrets":  {withToken, 0o600, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "c.yaml")
			if err := os.WriteFile(path, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tc.mode); err != nil {
				t.Fatal(err)
			}
			_, err := Load(path)
			if tc.say == "" && err != nil || tc.say != "" && (err == nil || !strings.Contains(err.Error(), tc.say)) {
				t.Errorf("error = %v, want %q", err, tc.say)
			}
		})
	}
}

func TestResolveSecrets_OrderOfPlaces(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	write("slack_bot_token", "from-systemd")
	file := write("app", "from-file")
	env := map[string]string{"CREDENTIALS_DIRECTORY": dir, "JITSUDOD_SLACK_BOT_TOKEN": "from-env"}
	c := &Config{Slack: &Slack{BotToken: NewSecret("inline"), AppToken: NewSecret("inline"), AppTokenFile: file}}
	if err := c.ResolveSecrets(func(k string) string { return env[k] }); err != nil {
		t.Fatal(err)
	}
	if got := c.Slack.BotToken.Reveal(); got != "from-systemd" {
		t.Errorf("bot token = %q", got)
	}
	if got := c.Slack.AppToken.Reveal(); got != "from-file" {
		t.Errorf("app token = %q", got)
	}
}

func TestC3_SecretNeverPrints(t *testing.T) {
	c := Config{Slack: &Slack{BotToken: NewSecret("canary-1234")}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if out := fmt.Sprintf(verb, c.Slack); strings.Contains(out, "canary") || strings.Contains(out, "63616e617279") {
			t.Errorf("%s prints it: %s", verb, out)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("a: [1, {b: 2}]")
	f.Add("store: &x {path: *x}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("f", []byte(text))
		if err == nil && c.Store.Path == "" {
			t.Error("accepted without a store")
		}
	})
}
