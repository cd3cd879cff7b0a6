package bolt

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"go.etcd.io/bbolt"
)

// formatVersion is the newest layout of the file that this program knows.
const formatVersion = 1

// tempMark stands between the name of the file and a random word in the name
// of a file that is not finished.
const tempMark = ".tmp-"

var (
	bucketMeta     = []byte("meta")
	bucketRequests = []byte("requests")
	bucketIDs      = []byte("ids")
	bucketKeys     = []byte("keys")
	bucketBy       = []byte("by")
	bucketAccess   = []byte("access")
	bucketCard     = []byte("card")
	bucketLog      = []byte("log")
	bucketLogBy    = []byte("logby")

	buckets = [][]byte{bucketMeta, bucketRequests, bucketIDs, bucketKeys, bucketBy,
		bucketAccess, bucketCard, bucketLog, bucketLogBy}

	keyFormat = []byte("format")
	keyHead   = []byte("head")
	keyNow    = []byte("now")
	keyWall   = []byte("wall")
)

// create makes the file under another name, on disk in full, and only then
// gives it its own: at no moment can a power cut leave half a database there.
// The link fails when the name is taken, so nothing is ever overwritten.
func create(path string, dir *os.File) error {
	temp := path + tempMark + strings.ToLower(rand.Text())
	defer os.Remove(temp)
	if err := fill(temp); err != nil {
		return explainOpen(path, err)
	}
	if err := os.Link(temp, path); err != nil {
		if errors.Is(err, syscall.EPERM) || errors.Is(err, errors.ErrUnsupported) {
			return failure(refuse("The file system of "+filepath.Dir(path)+" has no hard links.",
				"Put the database on a local file system such as ext4 or xfs."), err)
		}
		return explainOpen(path, err)
	}
	if err := os.Remove(temp); err != nil {
		return explainOpen(path, err)
	}
	if err := dir.Sync(); err != nil {
		return explainOpen(path, fmt.Errorf("sync folder: %w", err))
	}
	return nil
}

// fill writes an empty database to a new file and syncs it.
func fill(temp string) error {
	db, err := bbolt.Open(temp, 0o600, &bbolt.Options{
		FreelistType: bbolt.FreelistMapType,
		OpenFile: func(name string, _ int, perm os.FileMode) (*os.File, error) {
			return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, perm)
		},
	})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketMeta).Put(keyFormat, []byte{formatVersion})
	})
	return errors.Join(err, db.Sync(), db.Close())
}

// sweepTemps removes what an interrupted creation left behind. The caller
// holds the folder's lock, so none of these can be in the making.
func sweepTemps(path string) error {
	dir, name := filepath.Split(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return explainOpen(dir, err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), name+tempMark) || e.IsDir() {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return explainOpen(filepath.Join(dir, e.Name()), err)
		}
	}
	return nil
}
