package policies

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// guarded is a folder on disk through which nothing is opened that anybody but
// root and the daemon's own user could have written: who can change a policy
// can give themselves access.
type guarded struct {
	fsys fs.FS
	dir  string // how people named the folder
}

// Open opens a file or folder, and looks at what was opened, not at its name.
func (g guarded) Open(name string) (fs.File, error) {
	f, err := g.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = g.check(name, info)
	}
	if err == nil {
		err = g.checkLink(name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Stat tells what kind of file it is without opening it, which would wait at a pipe.
func (g guarded) Stat(name string) (fs.FileInfo, error) { return fs.Stat(g.fsys, name) }

func (g guarded) check(name string, info fs.FileInfo) error {
	full := filepath.Join(g.dir, name)
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return wrong(full, 0, "does not say whom it belongs to, so it is not put in force")
	}
	return trusted(full, info.Mode(), st.Uid, uint32(os.Geteuid())) //nolint:gosec // a uid has 32 bits
}

// checkLink looks at the folders on the way to a linked file: who may write in
// one of them may put another file in its place.
func (g guarded) checkLink(name string) error {
	base, err := filepath.EvalSymlinks(g.dir)
	if err != nil {
		return fmt.Errorf("policy folder: %w", err)
	}
	target, err := filepath.EvalSymlinks(filepath.Join(base, name))
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(base, target)
	if err != nil || rel == filepath.FromSlash(name) {
		return err // no link: its folders were opened, and looked at, before it
	}
	if rel = filepath.ToSlash(rel); strings.HasPrefix(rel, "../") {
		return wrong(filepath.Join(g.dir, name), 0, "leads out of the policy folder")
	}
	for d := path.Dir(rel); d != "."; d = path.Dir(d) {
		info, err := fs.Stat(g.fsys, d)
		if err != nil {
			return err
		}
		if err := g.check(d, info); err != nil {
			return err
		}
	}
	return nil
}

// trusted refuses what others own or may write. Access lists count: they show
// in the bits of the group.
func trusted(full string, mode fs.FileMode, owner, me uint32) error {
	switch {
	case owner != 0 && owner != me:
		return wrong(full, 0, "belongs to another user (uid %d), so it is not put in force; run: chown root %s", owner, full)
	case mode.Perm()&0o022 != 0:
		return wrong(full, 0, "others may change it (mode %04o), so it is not put in force; run: chmod go-w %s", mode.Perm(), full)
	}
	return nil
}
