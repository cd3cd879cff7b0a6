package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

// openFile opens an existing database file, takes its lock and looks at what is
// in it. Whatever is wrong with the file, a panic inside bbolt and a fault on a page that is not
// there included, comes back as an error.
func openFile(path string, maxSize int64, inspect func(*bbolt.Tx) error) (db *bbolt.DB, err error) {
	var file *os.File
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			abandon(file)
			db, err = nil, damaged(path, cause)
		}
	}()
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:      lockWait,
		FreelistType: bbolt.FreelistMapType,
		MaxSize:      int(maxSize),
		OpenFile: func(name string, _ int, _ os.FileMode) (*os.File, error) {
			var err error
			file, err = openChecked(name)
			return file, err
		},
	})
	if err != nil {
		return nil, explainBolt(path, err)
	}
	db.AllocSize = growStep
	if err = checkWhole(db, file); err == nil {
		err = db.View(inspect)
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// abandon lets go of a file whose database is not to be trusted. Closing it would
// not do: bbolt's map of it may be left, and that keeps the lock.
func abandon(file *os.File) {
	if file != nil {
		_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
		_ = file.Close()
	}
}

// openChecked opens a file for writing, follows no link, creates nothing, and
// refuses what is not a private regular file of our own.
func openChecked(path string) (*os.File, error) {
	// O_NONBLOCK: a pipe in the file's place must not make us wait.
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, explainOpen(path, err)
	}
	info, err := f.Stat()
	if err == nil {
		err = checkFile(path, info)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func checkFile(path string, info os.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	perm := info.Mode().Perm()
	switch {
	case !info.Mode().IsRegular() || !ok:
		return refuse(path+" is not a regular file.", "Set store.path to another file.")
	case int(st.Uid) != os.Geteuid():
		return refuse(fmt.Sprintf("The database file %s belongs to another user (uid %d).", path, st.Uid),
			"Run the daemon as that user, or give the file to the daemon's.")
	case st.Nlink != 1:
		return refuse(fmt.Sprintf("The database file %s has %d names.", path, st.Nlink), "Remove the other hard links to it.")
	case perm&0o077 != 0:
		return refuse(fmt.Sprintf("The database file %s may be opened by others (mode %04o).", path, perm), "Run: chmod 600 "+path)
	case perm&0o200 == 0:
		return refuse(fmt.Sprintf("The database file %s is read-only (mode %04o).", path, perm), "Run: chmod 600 "+path)
	case info.Size() == 0:
		return refuse("The database file "+path+" is empty.", "Remove it, and a new one is made; or restore a backup.")
	}
	return nil
}

// checkWhole refuses a file that ends before its last page.
func checkWhole(db *bbolt.DB, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("stat database: %w", err)
	}
	return db.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return damaged(db.Path(), "its end is missing")
		}
		return nil
	})
}

// checkParent refuses a folder in which others could put something else in the
// file's place. A sticky folder is fine: in it only a file's owner may do so.
func checkParent(path string) error {
	dir := filepath.Dir(path)
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return failure(refuse("The folder "+dir+" for the database file is not there.", "Make it first: mkdir -m 700 "+dir), err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return explainOpen(dir, err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir() || !ok:
		return refuse(dir+" is not a folder.", "Set store.path to a file in a folder.")
	case int(st.Uid) != os.Geteuid() && st.Uid != 0:
		return refuse(fmt.Sprintf("The folder %s belongs to another user (uid %d), who could replace the database file.", dir, st.Uid),
			"Put the database in a folder of the daemon's own user.")
	case info.Mode()&os.ModeSticky != 0, info.Mode().Perm()&0o022 == 0, unreachable(real):
		return nil
	}
	return refuse(fmt.Sprintf("Others may write in the folder %s (mode %04o) and could replace the database file.", dir, info.Mode().Perm()),
		"Run: chmod go-w "+dir)
}

// unreachable reports whether a folder above dir is closed to everybody else,
// so that dir's own mode does not matter.
func unreachable(dir string) bool {
	for up := filepath.Dir(dir); ; up = filepath.Dir(up) {
		info, err := os.Stat(up)
		if err != nil {
			return false
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if ok && int(st.Uid) == os.Geteuid() && info.Mode().Perm()&0o077 == 0 {
			return true
		}
		if up == filepath.Dir(up) {
			return false
		}
	}
}

// lockFolder keeps other daemons from creating or sweeping in the same folder
// at the same time. Closing the folder lets go of it.
func lockFolder(path string) (*os.File, error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, explainOpen(path, err)
	}
	const pause = 20 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || waited >= lockWait {
			_ = dir.Close()
			return nil, failure(refuse("The folder "+path+" is locked by another program, perhaps a jitsudod that is just starting.",
				"Try again in a moment."), err)
		}
		time.Sleep(pause)
	}
}
