package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// families are the variables that could make a platform's tools use another
// access than the one that was granted.
var families = map[string][]string{
	"aws":   {"AWS_"},
	"gcp":   {"GOOGLE_", "CLOUDSDK_", "GCLOUD_"},
	"azure": {"AZURE_", "ARM_"},
}

const kubeconfig = "KUBECONFIG" // its value is a file's contents

var (
	credentialName = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,99}$`)
	// dangerous are variables that would let a server decide what runs here.
	dangerous = regexp.MustCompile(`^(PATH|HOME|SHELL|IFS|ENV|BASH_ENV|PS4|PROMPT_COMMAND|LD_.*|DYLD_.*|PYTHON.*|PERL.*|RUBY.*|NODE_.*|GIT_.*|JITSUDO_.*)$`)
)

// environment returns the child's environment: ours without what conflicts and
// without our own token, with the credentials. The second result removes what
// had to be written to files.
func environment(ours []string, r engine.Request, creds engine.Credentials) ([]string, func() error, error) {
	var set []string
	tidy := func() error { return nil }
	drop := append([]string{"JITSUDO_"}, families[r.Target.Provider]...)
	for _, s := range creds.Values {
		if !credentialName.MatchString(s.Name) || dangerous.MatchString(s.Name) {
			_ = tidy()
			return nil, nil, engine.Refuse(engine.ErrUnavailable, "The server hands out a credential named %q, which no command may be given.", engine.OneLine(s.Name, 60))
		}
		value := s.Reveal()
		if s.Name == kubeconfig {
			var err error
			if value, tidy, err = inFile(value); err != nil {
				return nil, nil, err
			}
		}
		set = append(set, s.Name+"="+value)
		drop = append(drop, s.Name+"=")
	}
	var kept []string
	for _, kv := range ours {
		if keeps(kv, drop) {
			kept = append(kept, kv)
		}
	}
	if server := valueOf(ours, "JITSUDO_SERVER"); server != "" {
		set = append(set, "JITSUDO_SERVER="+server)
	}
	return append(append(kept, set...), "JITSUDO_ELEVATED=1", "JITSUDO_REQUEST_ID="+r.ID), tidy, nil
}

func keeps(kv string, drop []string) bool {
	for _, d := range drop {
		if strings.HasPrefix(kv, d) {
			return false
		}
	}
	return true
}

func valueOf(environ []string, name string) string { return (&app{environ: environ}).env(name) }

// inFile writes a secret where only its owner can read it.
func inFile(secret string) (string, func() error, error) {
	dir, err := os.MkdirTemp("", "jitsudo-") // 0700
	if err != nil {
		return "", nil, fmt.Errorf("make a folder for credentials: %w", err)
	}
	tidy := func() error { return os.RemoveAll(dir) }
	path := filepath.Join(dir, "credentials")
	if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
		_ = tidy()
		return "", nil, fmt.Errorf("write credentials: %w", err)
	}
	return path, tidy, nil
}
