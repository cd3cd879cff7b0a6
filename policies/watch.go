package policies

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Run reloads the policies whenever their folder changes, until ctx ends. It
// also compares the folder with what is in force from time to time, so that a
// change that was not announced (a network file system, a folder that was
// swapped for another) counts all the same.
func (e *Evaluator) Run(ctx context.Context) error {
	if e.dir == "" {
		<-ctx.Done()
		return nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		e.opt.Log.WarnContext(ctx, "changes of policies are noticed by looking only", "every", e.opt.CheckEvery, "error", err)
		w = &fsnotify.Watcher{} // its channels are nil and never ready
	} else {
		defer w.Close() //nolint:errcheck // nothing is written
	}
	check := time.NewTicker(e.opt.CheckEvery)
	defer check.Stop()
	quiet := time.NewTimer(0)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.Events:
			quiet.Reset(e.opt.Debounce)
		case err := <-w.Errors:
			e.opt.Log.WarnContext(ctx, "watch policy folder", "error", err)
			quiet.Reset(e.opt.Debounce)
		case <-quiet.C:
			e.look(ctx, w)
		case <-check.C:
			e.look(ctx, w)
		}
	}
}

// look watches every folder that is there now, and reloads if anything is
// different from what was last tried. The folders come first: what changes in
// between is announced. The same trouble is reported once.
func (e *Evaluator) look(ctx context.Context, w *fsnotify.Watcher) {
	watching := e.watch(w)
	mark := fingerprint(e.dir)
	if seen := e.seen.Load(); seen != nil && *seen == mark {
		return
	}
	if watching != nil {
		e.opt.Log.WarnContext(ctx, "changes of policies are noticed later, by looking", "every", e.opt.CheckEvery, "error", watching)
	}
	_, _ = e.Reload(ctx) // the outcome, good or bad, is in the log and with OnReload
}

// watch adds every folder below dir. Adding one again does no harm.
func (e *Evaluator) watch(w *fsnotify.Watcher) error {
	if w.Events == nil {
		return nil
	}
	var errs []error
	for _, d := range folders(e.dir) {
		errs = append(errs, w.Add(filepath.Join(e.dir, d)))
	}
	return errors.Join(errs...)
}

func folders(dir string) []string {
	found := []string{"."}
	_ = inFolder(dir, func(fsys fs.FS) error {
		f, err := readFolder(fsys)
		if err == nil {
			found = f.dirs
		}
		return err
	})
	return found
}

// fingerprint is the digest of every file that would be read, tests included,
// and of the names of those that look as if they would be; or what is wrong with
// the folder. Names that begin with a dot do not count: editors make such files
// whenever somebody only looks.
func fingerprint(dir string) string {
	var mark string
	err := inFolder(dir, func(fsys fs.FS) error {
		f, err := readFolder(fsys)
		all := f.sources
		for _, i := range f.ignored {
			if !strings.HasPrefix(path.Base(i.name), ".") {
				all = append(all, source{name: i.name})
			}
		}
		mark = digest(all)
		return err
	})
	if err != nil {
		return err.Error()
	}
	return mark
}
