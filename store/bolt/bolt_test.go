package bolt_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
	"github.com/jitsudo-chat/jitsudo/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) engine.Store { return open(t, place(t)) })
}

// place returns a path for a database in a folder of its own.
func place(tb testing.TB) string {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	return filepath.Join(dir, "jitsudo.db")
}

// open opens a store that is closed, and its file checked, when the test ends.
func open(tb testing.TB, path string) *bolt.Store {
	tb.Helper()
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx := context.Background() // the test's own has ended
		if s.Err() == nil {
			if err := s.Check(ctx); err != nil {
				tb.Error(err)
			}
		}
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}
