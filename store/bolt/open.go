package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// lockWait is how long a second daemon waits for the file before it gives up.
const lockWait = time.Second

// DefaultTail is how many of the newest audit entries are verified when the
// file is opened.
const DefaultTail = 1000

// Options say how to open the file. The zero Options are right for most.
type Options struct {
	// MaxSize bounds the file, in bytes; 0 means no bound. New requests, and
	// entries of the log that belong to none, are refused with [ErrFull] when nine
	// tenths are used, so that what is owed to running requests (their end above
	// all) can still be written.
	MaxSize int64
	// Tail is how many of the newest audit entries are verified at opening; 0
	// means [DefaultTail].
	Tail int
	// Log is told what nobody would notice otherwise: requests that cannot be
	// read, a file system that may not keep its promises. nil means none.
	Log *slog.Logger

	kindOf func(path string) (kind, error) // nil: what the system says
}

// Store is an [engine.Store] on one file. Use [Open].
type Store struct {
	path    string
	options Options
	commits *commits
	// update runs one transaction; tests put a failing one in its place.
	update func(*bbolt.DB, func(*bbolt.Tx) error) error

	handle  sync.RWMutex // held for reading while db is read from
	db      *bbolt.DB    // nil while the file is closed after a failed commit
	why     error        // why it is closed
	acked   engine.Head  // the last head that was reported as written
	mending sync.Mutex   // one attempt to open the file again at a time

	clock clock

	log    *slog.Logger
	damage damage
}

var _ engine.Store = (*Store)(nil)

// Open opens the database file, and makes it when there is none. Its errors are
// *[engine.Refusal]: one sentence and a way out. A broken audit log is also an
// *[engine.ChainError], which names the entry.
func Open(path string, o Options) (*Store, error) {
	if path == "" {
		return nil, refuse("No database file is configured.", "Set store.path to a file in a folder of the daemon's own.")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("database path: %w", err)
	}
	if o.MaxSize != 0 && o.MaxSize < minMaxSize {
		return nil, refuse(fmt.Sprintf("A largest size of %d bytes is too small for the database.", o.MaxSize),
			fmt.Sprintf("Set store.max_size to at least %dMiB, or leave it out.", minMaxSize>>20))
	}
	o = o.withDefaults()
	s := &Store{path: path, options: o, update: (*bbolt.DB).Update, log: o.Log}
	s.commits = newCommits(s.commit)
	if err := s.prepare(); err != nil {
		return nil, err
	}
	if s.db, err = s.load(); err != nil {
		return nil, err
	}
	s.warnOfDisk()
	s.unpark(context.Background()) // bounded by the size of the bucket
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Tail <= 0 {
		o.Tail = DefaultTail
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.kindOf == nil {
		o.kindOf = kindOf
	}
	return o
}

// prepare makes sure that the place is fit for a database and that there is one.
// The file is looked at as well as its folder: it may be mounted by itself.
func (s *Store) prepare() error {
	if err := checkParent(s.path); err != nil {
		return err
	}
	if err := s.checkDisk(filepath.Dir(s.path)); err != nil {
		return err
	}
	if err := provide(s.path); err != nil {
		return err
	}
	return s.checkDisk(s.path)
}

// provide clears away what an interrupted creation left, and creates the file
// when it is not there.
func provide(path string) error {
	dir, err := lockFolder(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := sweepTemps(path); err != nil {
		return err
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // whatever is there is judged when it is opened
	}
	return create(path, dir)
}

// load opens the file, having checked format and chain, and reads what is kept
// in memory.
func (s *Store) load() (*bbolt.DB, error) {
	return openFile(s.path, s.options.MaxSize, s.inspect)
}

func (s *Store) inspect(tx *bbolt.Tx) error {
	if err := checkFormat(tx, s.path); err != nil {
		return err
	}
	if err := verifyTail(tx, s.options.Tail); err != nil {
		return brokenChain(s.path, err)
	}
	if err := s.stillThere(tx); err != nil {
		return err
	}
	return s.clock.load(tx)
}

// stillThere refuses a file that has forgotten what was reported as written.
func (s *Store) stillThere(tx *bbolt.Tx) error {
	if s.acked.ID == 0 {
		return nil
	}
	e, err := readEntry(tx, s.acked.ID)
	if err != nil || e.Hash != s.acked.Hash {
		return refuse(fmt.Sprintf("The database file %s lost audit entry %d, which was already written.", s.path, s.acked.ID),
			"Stop the daemon, keep the file, and look at the disk.")
	}
	return nil
}

// Close finishes the commits under way and closes the file. Closing twice is fine.
func (s *Store) Close() error {
	s.commits.close()
	s.handle.Lock()
	defer s.handle.Unlock()
	db := s.db
	s.db, s.why = nil, errClosed
	if db == nil {
		return nil
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// Path returns the absolute path of the file.
func (s *Store) Path() string { return s.path }

// view runs fn on a consistent state of the file. fn must not call the store.
func (s *Store) view(ctx context.Context, fn func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.mend(); err != nil {
		return err
	}
	s.handle.RLock()
	defer s.handle.RUnlock()
	if s.db == nil {
		return s.unavailable()
	}
	return s.db.View(fn)
}
