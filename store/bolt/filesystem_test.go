package bolt

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// on makes a path look as if it were on a file system of some kind.
func on(where string, k kind, err error) func(string) (kind, error) {
	return func(path string) (kind, error) {
		if path == where {
			return k, err
		}
		return unix.EXT4_SUPER_MAGIC, nil
	}
}

func TestDisk_ANetworkFileSystemIsRefusedAndLeftAlone(t *testing.T) {
	for k, name := range networked {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := Open(filepath.Join(dir, "j.db"), Options{kindOf: on(dir, k, nil)})
		if say := engine.Explain(err); !strings.Contains(say, "is on a network file system ("+name+")") || !strings.Contains(say, "local disk") {
			t.Errorf("%s (%x): %v", name, k, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%s: %v was left there, %v", name, left, err)
		}
	}
}

func TestDisk_TheFileMayBeMountedByItself(t *testing.T) {
	s := testStore(t)
	path := s.Path()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path, Options{kindOf: on(path, unix.NFS_SUPER_MAGIC, nil)})
	if !strings.Contains(engine.Explain(err), path+" is on a network file system (NFS)") {
		t.Errorf("%v", err)
	}
}

func TestDisk_ADoubtfulOneIsWarnedOf(t *testing.T) {
	for name, k := range map[string]kind{"FUSE": unix.FUSE_SUPER_MAGIC, "9P": unix.V9FS_MAGIC, "": unix.EXT4_SUPER_MAGIC} {
		s := testStore(t)
		path := s.Path()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		s, err := Open(path, Options{kindOf: on(path, k, nil), Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if warned := strings.Contains(log.String(), "level=WARN"); warned != (name != "") || !strings.Contains(log.String(), name) {
			t.Errorf("%s: logged %q", name, &log)
		}
		_ = s.Close()
	}
}

func TestDisk_OneThatCannotBeFoundOutIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Open(filepath.Join(dir, "j.db"), Options{kindOf: on(dir, 0, syscall.EIO)})
	if !errors.Is(err, syscall.EIO) || engine.Explain(err) == engine.Explain(errors.New("x")) {
		t.Errorf("%v", err)
	}
}

// The system's own answer, where it is known: /proc is one on every machine.
func TestKindOf_IsWhatTheSystemSays(t *testing.T) {
	if k, err := kindOf("/proc"); err != nil || k != unix.PROC_SUPER_MAGIC {
		t.Errorf("%x, %v", k, err)
	}
	if _, err := kindOf(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
