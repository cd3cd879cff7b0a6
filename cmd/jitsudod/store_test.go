package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

// withStore makes the daemon's database before the daemon is there.
func withStore(t *testing.T, dir string, fill func(*bolt.Store)) {
	t.Helper()
	s, err := bolt.Open(filepath.Join(dir, "j.db"), bolt.Options{MaxSize: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	fill(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// bounded writes a configuration with a largest size of the database.
func bounded(t *testing.T, dir, size string) string {
	t.Helper()
	path := configuration(t, dir, onlySandbox)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, path, strings.Replace(string(text), "/j.db}", "/j.db, max_size: "+size+"}", 1))
}

func TestServe_TheLargestSizeIsTheStores(t *testing.T) {
	dir := t.TempDir()
	code, _, stderr := command(t, "serve", "--config", bounded(t, dir, "1MiB"))
	if code != exitFailed || !strings.Contains(stderr, "1048576 bytes is too small") || !strings.Contains(stderr, "store.max_size") {
		t.Errorf("%d: %s", code, stderr)
	}
}

func TestD4_ADaemonWithAFullDatabaseStartsToEndAccess(t *testing.T) {
	dir := t.TempDir()
	withStore(t, dir, func(s *bolt.Store) {
		e := engine.Event{Actor: engine.System, Action: engine.EvAuthRefused, Details: map[string]any{"x": strings.Repeat("x", 2000)}}
		var err error
		for err == nil {
			err = s.Append(t.Context(), slices.Repeat([]engine.Event{e}, 100)...)
		}
		if !errors.Is(err, bolt.ErrFull) {
			t.Fatal(err)
		}
	})
	d := launch(t, "serve", "--config", bounded(t, dir, "16MiB"))
	if !strings.Contains(d.errs.String(), "the start is not in the audit log") {
		t.Error("nobody was told: ", d.errs)
	}
}

func TestServe_ARequestThatCannotBeReadIsToldAndNothingStops(t *testing.T) {
	dir := t.TempDir()
	at := time.Now().Add(-time.Minute)
	bad := engine.Request{ID: "req_bad", State: engine.Active, Requester: "bob@example.com", CreatedAt: at, ExpiresAt: at, WakeAt: at}
	withStore(t, dir, func(s *bolt.Store) {
		if err := s.Create(t.Context(), bad); err != nil {
			t.Fatal(err)
		}
	})
	db, err := bbolt.Open(filepath.Join(dir, "j.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		records, first := tx.Bucket([]byte("requests")), binary.BigEndian.AppendUint64(nil, 1)
		return records.Put(first, bytes.Replace(records.Get(first), []byte(`{"id"`), []byte(`{"new":1,"id"`), 1))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	d := launch(t, "serve", "--config", configuration(t, dir, onlySandbox))
	client := overSocket(filepath.Join(dir, "j.sock"))
	if code, body := get(t, client, "/readyz"); code != 503 || !strings.Contains(body, "cannot be read") || strings.Contains(body, bad.ID) {
		t.Errorf("readyz: %d %s", code, body)
	}
	if code, body := get(t, client, "/api/v1alpha1/requests"); code != 200 {
		t.Errorf("requests: %d %s", code, body)
	}
	if log := d.errs.String(); !strings.Contains(log, bad.ID) {
		t.Error("the log does not name it: ", log)
	}
}
