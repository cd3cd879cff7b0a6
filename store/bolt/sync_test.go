package bolt_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/store/bolt"
)

// acknowledgements is how often each kind of commit is made and acknowledged.
const acknowledgements = 6

// The words of the child, each one write to its standard output.
const (
	wordReady = "ready"
	wordDone  = "done"
)

// writeInTurn makes every kind of commit, one after another, and says after each
// that it is done.
func writeInTurn(path string, change func(*bolt.Store)) error {
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return err
	}
	change(s)
	ctx := context.Background()
	fmt.Println(wordReady)
	for n := range acknowledgements {
		r := due(n)
		for _, commit := range []func() error{
			func() error { return s.Create(ctx, r, created(r)) },
			func() error { _, err := s.Update(ctx, r.ID, touch); return err },
			func() error { return s.Append(ctx, created(r)) },
			func() error {
				_, _, err := s.Claim(ctx, engine.AccessQueue, r.WakeAt, time.Hour)
				return err
			},
			func() error {
				at := noon.Add(time.Duration(n) * time.Hour)
				_, err := s.Advance(ctx, engine.Moment{Now: at, Wall: at})
				return err
			},
		} {
			if err := commit(); err != nil {
				return err
			}
			fmt.Println(wordDone)
		}
	}
	return s.Close()
}

// traced runs a child under strace and returns its calls that write or sync.
func traced(t *testing.T, role, path string) string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err == nil {
		err = exec.CommandContext(t.Context(), strace, "-o", os.DevNull, "true").Run()
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("strace is needed: %v", err)
		}
		t.Skipf("strace is needed to see system calls: %v", err)
	}
	cmd := child(t, role, path)
	trace := filepath.Join(t.TempDir(), "trace")
	cmd.Args = append([]string{strace, "-f", "-y", "-qq", "-s", "16", "-e", "signal=none",
		"-e", "trace=fdatasync,fsync,pwrite64,write", "-o", trace}, cmd.Path)
	cmd.Path = strace
	must(t, cmd.Run())
	raw, err := os.ReadFile(trace)
	must(t, err)
	return string(raw)
}

// systemCall is one line of strace -f -y: process, call, file and the rest; a
// call that another one came in between of has a second line.
var (
	systemCall = regexp.MustCompile(`^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$`)
	resumed    = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)$`)
	offset     = regexp.MustCompile(`, \d+, (\d+)(\)| <)`)
)

// watcher follows what a child did to its database.
type watcher struct {
	path     string
	ready    bool
	pending  map[string]bool // processes in the middle of a sync of the database
	unsynced bool            // something was written since the last sync
	writes   int             // since the last acknowledgement
	acks     int
	wrong    []string
}

// watch returns how many commits were acknowledged, and what was wrong with them.
func watch(trace, path string) (acks int, wrong []string) {
	w := &watcher{path: path, pending: map[string]bool{}}
	for line := range strings.SplitSeq(trace, "\n") {
		if m := resumed.FindStringSubmatch(line); m != nil && strings.HasSuffix(m[2], "sync") {
			w.synced(m[1], m[3])
		} else if m := systemCall.FindStringSubmatch(line); m != nil {
			w.call(m)
		}
	}
	return w.acks, w.wrong
}

func (w *watcher) call(m []string) {
	process, call, file, rest := m[1], m[2], m[3], m[4]
	switch {
	case call == "write" && strings.Contains(rest, wordReady):
		w.ready = true
	case call == "write" && w.ready && strings.Contains(rest, wordDone):
		w.acknowledged()
	case file != w.path:
	case call == "pwrite64":
		// The first two pages say where everything else is.
		if at := offset.FindStringSubmatch(rest); at == nil || at[1] == "0" || at[1] == fmt.Sprint(os.Getpagesize()) {
			if w.ready && w.unsynced {
				w.wrong = append(w.wrong, fmt.Sprintf("commit %d: points to pages that were not synced before", w.acks+1))
			}
		}
		w.unsynced = true
		w.writes++
	case strings.HasSuffix(call, "sync"):
		w.pending[process] = true
		if !strings.Contains(rest, "<unfinished") {
			w.synced(process, rest)
		}
	}
}

func (w *watcher) synced(process, result string) {
	if w.pending[process] && strings.HasSuffix(strings.TrimSpace(result), "= 0") {
		w.unsynced = false
	}
	delete(w.pending, process)
}

func (w *watcher) acknowledged() {
	w.acks++
	switch {
	case w.writes == 0:
		w.wrong = append(w.wrong, fmt.Sprintf("commit %d: acknowledged, but not written", w.acks))
	case w.unsynced:
		w.wrong = append(w.wrong, fmt.Sprintf("commit %d: acknowledged, but not synced", w.acks))
	}
	w.writes = 0
}

// A kill cannot show that a sync is missing: what the kernel has in memory
// outlives it, and only a power cut does not. So look at the system calls.
func TestU1_WhatIsAcknowledgedIsOnTheDisk(t *testing.T) {
	path := place(t)
	path, err := filepath.EvalSymlinks(filepath.Dir(path))
	must(t, err)
	path = filepath.Join(path, "jitsudo.db")
	acks, wrong := watch(traced(t, "synced", path), path)
	if want := 5 * acknowledgements; acks != want || len(wrong) != 0 {
		t.Errorf("%d acknowledged, want %d; %s", acks, want, strings.Join(wrong, "\n"))
	}
	// The control: the same without a sync must be noticed, at every commit.
	path = strings.TrimSuffix(path, ".db") + "-control.db"
	acks, wrong = watch(traced(t, "unsynced", path), path)
	unsynced := slices.DeleteFunc(wrong, func(s string) bool { return !strings.HasSuffix(s, "not synced") })
	if want := 5 * acknowledgements; acks != want || len(unsynced) != want {
		t.Errorf("without a sync: %d acknowledged, %d seen to be unsynced, want %d", acks, len(unsynced), want)
	}
}

func TestWatch_SeesWhatIsMissing(t *testing.T) {
	const path = "/d/jitsudo.db"
	data := `7 pwrite64(5</d/jitsudo.db>, "\0"..., 4096, 20480) = 4096`
	meta := fmt.Sprintf(`7 pwrite64(5</d/jitsudo.db>, "\0"..., 4096, %d) = 4096`, os.Getpagesize())
	sync, ready, done := "7 fdatasync(5</d/jitsudo.db>) = 0", `8 write(1</out>, "ready\n", 6) = 6`, `8 write(1</out>, "done\n", 5) = 5`
	for name, c := range map[string]struct {
		lines []string
		want  string // how the first complaint ends; "" for none
	}{
		"all as it must be": {[]string{data, sync, meta, sync, done}, ""},
		"a sync in two parts": {[]string{data, sync, meta, "7 fdatasync(5</d/jitsudo.db> <unfinished ...>",
			`9 write(2</x>, "x", 1) = 1`, "7 <... fdatasync resumed>) = 0", done}, ""},
		"no sync at the end":          {[]string{data, sync, meta, done}, "not synced"},
		"no sync in between":          {[]string{data, meta, sync, done}, "not synced before"},
		"a sync that failed":          {[]string{data, sync, meta, "7 fdatasync(5</d/jitsudo.db>) = -1 EIO (Input/output error)", done}, "not synced"},
		"a sync of another file":      {[]string{data, sync, meta, "7 fdatasync(6</d/other.db>) = 0", done}, "not synced"},
		"a sync too late":             {[]string{data, sync, meta, done, sync}, "not synced"},
		"a sync that has not ended":   {[]string{data, sync, meta, "7 fdatasync(5</d/jitsudo.db> <unfinished ...>", done}, "not synced"},
		"nothing but the word for it": {[]string{done}, "not written"},
	} {
		t.Run(name, func(t *testing.T) {
			acks, wrong := watch(strings.Join(append([]string{ready}, c.lines...), "\n"), path)
			if acks != 1 || (c.want == "") != (len(wrong) == 0) || c.want != "" && !strings.HasSuffix(wrong[0], c.want) {
				t.Errorf("%d acknowledged, %q, want %q", acks, wrong, c.want)
			}
		})
	}
}
