package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/examples"
	"github.com/jitsudo-chat/jitsudo/policies"
)

type initCmd struct {
	Dir string `arg:"" help:"The folder to write into; it may exist, its files are never overwritten." placeholder:"DIR"`
}

// Run writes everything that an operator needs to begin with.
func (c *initCmd) Run(s surroundings) error {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return err
	}
	files, err := starters(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); err == nil {
			return engine.Refuse(engine.ErrConflict, "%s is there already, and nothing was written.", filepath.Join(dir, f.name)).WithHint("Choose another folder, or move it away.")
		}
	}
	for _, f := range files {
		if err := writeNew(filepath.Join(dir, f.name), f.text); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(s.stdout, filepath.Join(dir, f.name))
	}
	_, err = fmt.Fprintf(s.stderr, "Now edit %s, then: jitsudod check-config --config %s\n", filepath.Join(dir, "jitsudod.yaml"), filepath.Join(dir, "jitsudod.yaml"))
	return err
}

type starter struct {
	name string
	text []byte
}

func starters(dir string) ([]starter, error) {
	slackApp, err := manifest(false)
	if err != nil {
		return nil, err
	}
	// The files speak of the folder that they were made for.
	place := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("/etc/jitsudo"), []byte(dir)) }
	files := []starter{
		{"jitsudod.yaml", place(examples.Config)},
		{"jitsudod.service", place(examples.SystemdUnit)},
		{"slack-manifest.yaml", slackApp},
	}
	bundle := policies.Default()
	err = fs.WalkDir(bundle, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(bundle, path)
		files = append(files, starter{filepath.Join("policies", path), text})
		return err
	})
	return files, err
}

// writeNew makes a file that is not there yet, for its owner alone to change.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
