package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// fileFormat is the format that this version reads and writes.
const fileFormat = 1

type document struct {
	Format int `json:"format"`
	state
}

func load(path string) (state, error) {
	empty := state{Bindings: map[string]Binding{}}
	if path == "" {
		return empty, nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, fmt.Errorf("read the sandbox's file: %w", err)
	}
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return empty, fmt.Errorf("the sandbox's file %s is damaged (move it away to start afresh): %w", path, err)
	}
	if d.Format != fileFormat {
		return empty, fmt.Errorf("the sandbox's file %s has format %d, and this program knows only %d", path, d.Format, fileFormat)
	}
	if d.Bindings == nil {
		d.Bindings = map[string]Binding{}
	}
	return d.state, nil
}

// save replaces the file in one step that survives a power cut.
func save(path string, s state) error {
	if path == "" {
		return nil
	}
	raw, err := json.MarshalIndent(document{fileFormat, s}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the sandbox's file: %w", err)
	}
	if err := replace(path, append(raw, '\n')); err != nil {
		return fmt.Errorf("write the sandbox's file: %w", err)
	}
	return nil
}

func replace(path string, raw []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*.tmp") // made with mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(dir)
}

// syncDir makes the rename itself durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
