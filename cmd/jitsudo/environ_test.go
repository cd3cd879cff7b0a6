package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

func grant(provider string, values ...engine.Secret) (engine.Request, engine.Credentials) {
	return engine.Request{ID: "req_1", Target: engine.Target{Provider: provider}}, engine.Credentials{Values: values}
}

func TestX3_EnvironmentHasNothingThatConflicts(t *testing.T) {
	ours := []string{
		"PATH=/bin", "AWS_PROFILE=admin", "AWS_SESSION_TOKEN=old", "GOOGLE_APPLICATION_CREDENTIALS=x", "AZURE_CONFIG_DIR=y", "KUBECONFIG=/mine",
		"JITSUDO_TOKEN=jsu_x", "JITSUDO_ELEVATED=0", "JITSUDO_REQUEST_ID=req_old", "JITSUDO_SERVER=unix:///s", "JITSUDO_NEW=1",
	}
	for provider, want := range map[string]string{
		"aws":        "PATH GOOGLE_APPLICATION_CREDENTIALS AZURE_CONFIG_DIR KUBECONFIG",
		"gcp":        "PATH AWS_PROFILE AWS_SESSION_TOKEN AZURE_CONFIG_DIR KUBECONFIG",
		"azure":      "PATH AWS_PROFILE AWS_SESSION_TOKEN GOOGLE_APPLICATION_CREDENTIALS KUBECONFIG",
		"kubernetes": "PATH AWS_PROFILE AWS_SESSION_TOKEN GOOGLE_APPLICATION_CREDENTIALS AZURE_CONFIG_DIR KUBECONFIG",
	} {
		r, creds := grant(provider)
		got, tidy, err := environment(ours, r, creds)
		must(t, err)
		must(t, tidy())
		var names []string
		for _, kv := range got {
			name, _, _ := strings.Cut(kv, "=")
			names = append(names, name)
		}
		if want += " JITSUDO_SERVER JITSUDO_ELEVATED JITSUDO_REQUEST_ID"; strings.Join(names, " ") != want {
			t.Errorf("%s:\n got %s\nwant %s", provider, strings.Join(names, " "), want)
		}
		if !slices.Contains(got, "JITSUDO_ELEVATED=1") || !slices.Contains(got, "JITSUDO_REQUEST_ID=req_1") {
			t.Errorf("%s: %s", provider, got)
		}
	}
}

func TestX6_KubeconfigLiesWhereOnlyItsOwnerReads(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	r, creds := grant("kubernetes", engine.NewSecret("KUBECONFIG", "apiVersion: v1"))
	got, tidy, err := environment([]string{"KUBECONFIG=/mine"}, r, creds)
	must(t, err)
	path := valueOf(got, "KUBECONFIG")
	if readFile(t, path) != "apiVersion: v1" {
		t.Error("the file holds something else")
	}
	for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has %v, want %v (%v)", p, info.Mode().Perm(), want, err)
		}
	}
	must(t, tidy())
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestServerCannotDecideWhatRuns(t *testing.T) {
	for _, name := range []string{"PATH", "LD_PRELOAD", "BASH_ENV", "JITSUDO_TOKEN", "lower", "A=B", "", "HOME", "NODE_OPTIONS", "GIT_SSH_COMMAND"} {
		r, creds := grant("aws", engine.NewSecret(name, "x"))
		if _, _, err := environment(nil, r, creds); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}

// The child is warned a minute before and ended at the deadline; nothing is ever
// due much later than it is looked at.
func TestX5_NextLook(t *testing.T) {
	now := time.Now()
	c := child{grace: 4 * time.Second}
	for name, x := range map[string]struct {
		left  time.Duration
		asked time.Time
		want  time.Duration
	}{
		"FarAway":           {time.Hour, time.Time{}, 10 * time.Second},
		"UntilTheWarning":   {61 * time.Second, time.Time{}, time.Second},
		"UntilTheEnd":       {3 * time.Second, time.Time{}, 3 * time.Second},
		"WithinTheGrace":    {-time.Second, now.Add(-time.Second), 3 * time.Second},
		"NeverBusy":         {0, now.Add(-time.Hour), time.Millisecond},
		"LongAfterTheGrace": {-time.Hour, now.Add(-time.Hour), time.Millisecond},
	} {
		if got := c.pause(x.left, now, x.asked); got != x.want {
			t.Errorf("%s: %s, want %s", name, got, x.want)
		}
	}
}
