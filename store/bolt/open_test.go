package bolt_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

// used makes a database with a request in it, and closes it.
func used(t *testing.T) string {
	t.Helper()
	path := place(t)
	s := open(t, path)
	for i := range 3 {
		mustCreate(t, s, request(i))
	}
	must(t, s.Close())
	return path
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tamper changes a closed database behind the store's back.
func tamper(t *testing.T, path string, fn func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	must(t, err)
	must(t, db.Update(fn))
	must(t, db.Close())
}

// refused opens a database that must not open, and returns what a person reads.
func refused(t *testing.T, path string, o bolt.Options) string {
	t.Helper()
	s, err := bolt.Open(path, o)
	if err == nil {
		_ = s.Close()
		t.Fatal("it was opened")
	}
	var r *engine.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("%v is no sentence for people", err)
	}
	return engine.Explain(err)
}

func TestH1_WhatIsNotOursIsRefusedInASentence(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string) string // changes a good database; may return another path
		want string
	}{
		{"a symbolic link", func(t *testing.T, path string) string {
			must(t, os.Symlink(path, path+".link"))
			return path + ".link"
		}, "is a symbolic link"},
		{"a link to nowhere", func(t *testing.T, path string) string {
			must(t, os.Symlink(path+".none", path+".link"))
			return path + ".link"
		}, "is a symbolic link"},
		{"a folder", func(t *testing.T, path string) string { return filepath.Dir(path) }, "is a folder. Set store.path to a file in it"},
		{"a pipe", func(t *testing.T, path string) string {
			must(t, syscall.Mkfifo(path+".pipe", 0o600))
			return path + ".pipe"
		}, "is not a regular file"},
		{"a second name", func(t *testing.T, path string) string {
			must(t, os.Link(path, path+".second"))
			return path
		}, "has 2 names"},
		{"mode 0640", func(t *testing.T, path string) string {
			must(t, os.Chmod(path, 0o640))
			return path
		}, "may be opened by others (mode 0640). Run: chmod 600"},
		{"mode 0606", func(t *testing.T, path string) string {
			must(t, os.Chmod(path, 0o606))
			return path
		}, "may be opened by others"},
		{"a read-only file", func(t *testing.T, path string) string {
			must(t, os.Chmod(path, 0o400))
			return path
		}, "chmod 600"},
		{"an empty file", func(t *testing.T, path string) string {
			must(t, os.WriteFile(path, nil, 0o600))
			return path
		}, "is empty. Remove it"},
		{"a missing folder", func(t *testing.T, path string) string {
			return filepath.Join(path+".none", "jitsudo.db")
		}, "is not there. Make it first: mkdir"},
		{"a file for a folder", func(t *testing.T, path string) string { return filepath.Join(path, "jitsudo.db") }, "is not a folder"},
		{"no path", func(*testing.T, string) string { return "" }, "No database file is configured"},
		{"a folder others may write in", func(t *testing.T, path string) string {
			must(t, os.Chmod(filepath.Dir(filepath.Dir(path)), 0o755))
			must(t, os.Chmod(filepath.Dir(path), 0o770))
			return path
		}, "Others may write in the folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := refused(t, c.make(t, used(t)), bolt.Options{})
			if !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
				t.Fatalf("%q\ndoes not say %q in one line", got, c.want)
			}
		})
	}
}

func TestH1_AnotherUsersFileIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := used(t)
	must(t, os.Chown(path, 12345, -1))
	if got := refused(t, path, bolt.Options{}); !strings.Contains(got, "belongs to another user (uid 12345)") {
		t.Error(got)
	}
	must(t, os.Chown(path, 0, -1))
	must(t, os.Chown(filepath.Dir(path), 12345, -1))
	if got := refused(t, path, bolt.Options{}); !strings.Contains(got, "belongs to another user (uid 12345), who could replace") {
		t.Error(got)
	}
}

func TestH1_FoldersThatAreFine(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, dir string){
		"sticky, like /tmp": func(t *testing.T, dir string) { must(t, os.Chmod(dir, 0o777|os.ModeSticky)) },
		"writable for all below one that is closed": func(t *testing.T, dir string) {
			must(t, os.Chmod(filepath.Dir(dir), 0o700))
			must(t, os.Chmod(dir, 0o777))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := used(t)
			change(t, filepath.Dir(path))
			open(t, path)
		})
	}
}

func TestH2_ASecondDaemonIsToldSo(t *testing.T) {
	path := place(t)
	first := open(t, path)
	got := refused(t, path, bolt.Options{})
	if !strings.Contains(got, "Another jitsudod has the database file") {
		t.Error(got)
	}
	mustCreate(t, first, request(1)) // the first is none the worse
	must(t, first.Close())
	open(t, path)
}

func TestFormat_AnotherIsRefusedAndLeftAsItIs(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		want string
	}{
		{"text", func(t *testing.T, path string) {
			must(t, os.WriteFile(path, []byte(strings.Repeat("hello\n", 5000)), 0o600))
		}, "is not a jitsudo database"},
		{"a few bytes", func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte("hi"), 0o600)) }, "is not a jitsudo database"},
		{"another program's database", func(t *testing.T, path string) {
			must(t, os.Remove(path))
			tamper(t, path, func(tx *bbolt.Tx) error {
				_, err := tx.CreateBucket([]byte("things"))
				return err
			})
		}, "is not a jitsudo database"},
		{"a newer format", func(t *testing.T, path string) {
			tamper(t, path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{2}) })
		}, "was made by a newer jitsudo"},
		{"a missing part", func(t *testing.T, path string) {
			tamper(t, path, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("card")) })
		}, "is damaged (card is missing)"},
		{"a missing end", func(t *testing.T, path string) { must(t, os.Truncate(path, 5*4096)) }, "is damaged"},
		{"nothing behind the first pages", func(t *testing.T, path string) { must(t, os.Truncate(path, 2*4096)) }, "is damaged"},
		{"pages of noise", func(t *testing.T, path string) {
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			must(t, err)
			_, err = f.WriteAt([]byte(strings.Repeat("\xff", 30*4096)), 2*4096)
			must(t, errors.Join(err, f.Close()))
		}, "is damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := used(t)
			good, err := os.ReadFile(path)
			must(t, err)
			c.make(t, path)
			before, err := os.ReadFile(path)
			must(t, err)
			if got := refused(t, path, bolt.Options{}); !strings.Contains(got, c.want) {
				t.Fatalf("%q\ndoes not say %q", got, c.want)
			}
			after, err := os.ReadFile(path)
			must(t, err)
			if string(before) != string(after) {
				t.Error("the file was changed")
			}
			must(t, os.WriteFile(path, good, 0o600))
			open(t, path) // restored in place: no lock is left behind
		})
	}
}

func TestCreate_LeavesOneFileOfOurOwn(t *testing.T) {
	path := place(t)
	open(t, path)
	entries, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	info, err := os.Stat(path)
	must(t, err)
	if len(entries) != 1 || info.Mode() != 0o600 {
		t.Fatalf("%v, mode %v", entries, info.Mode())
	}
}

// A power cut at any moment of a creation leaves one of these.
func TestCreate_AnInterruptedOneIsClearedAway(t *testing.T) {
	for name, leave := range map[string]func(t *testing.T, path string){
		"an empty temporary file": func(t *testing.T, path string) { must(t, os.WriteFile(path+".tmp-a", nil, 0o600)) },
		"half a temporary file": func(t *testing.T, path string) {
			must(t, os.WriteFile(path+".tmp-a", make([]byte, 9000), 0o600))
		},
		"both names on one file": func(t *testing.T, path string) {
			s, err := bolt.Open(path, bolt.Options{})
			must(t, err)
			must(t, s.Close())
			must(t, os.Link(path, path+".tmp-a"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := place(t)
			bystander := filepath.Join(filepath.Dir(path), "other.db.tmp-a")
			must(t, os.WriteFile(bystander, nil, 0o600))
			leave(t, path)
			s := open(t, path)
			mustCreate(t, s, request(1))
			if _, err := os.Lstat(path + ".tmp-a"); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("left over: %v", err)
			}
			if _, err := os.Lstat(bystander); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCreate_OfManyAtOnceOneWins(t *testing.T) {
	path := place(t)
	won := make(chan *bolt.Store, 4)
	fail := make(chan error, 4)
	for range 4 {
		go func() {
			s, err := bolt.Open(path, bolt.Options{})
			won <- s
			fail <- err
		}()
	}
	var winner *bolt.Store
	for range 4 {
		s, err := <-won, <-fail
		_ = err
		if s == nil {
			continue
		}
		if winner != nil {
			t.Error("two have it open")
		}
		winner = s
	}
	if winner == nil {
		t.Fatal("nobody has it open")
	}
	mustCreate(t, winner, request(1))
	must(t, winner.Close())
}
