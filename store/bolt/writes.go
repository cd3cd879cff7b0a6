package bolt

import (
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// maxRecord bounds one record, in bytes: far above any request that the engine
// lets through, far below what would hurt the file.
const maxRecord = 1 << 20

// writes are collected while a change is decided and carried out only when all
// of it was: a change that fails halfway has written nothing.
type writes struct{ list []write }

type write struct {
	bucket, key, value []byte // no value: delete
}

func (w *writes) put(bucket, key, value []byte) error {
	if len(key) == 0 || len(key) > bbolt.MaxKeySize {
		return engine.Refuse(engine.ErrInvalid, "A key of %d bytes cannot be stored.", len(key))
	}
	if len(value) > maxRecord {
		return engine.Refuse(engine.ErrInvalid, "The request or its log entry is too large to be stored.")
	}
	if value == nil {
		value = []byte{}
	}
	w.list = append(w.list, write{bucket, key, value})
	return nil
}

func (w *writes) delete(bucket, key []byte) {
	w.list = append(w.list, write{bucket, key, nil})
}

func (x write) apply(tx *bbolt.Tx) (err error) {
	b := tx.Bucket(x.bucket)
	if b == nil { // every other bucket is made with the file
		if b, err = tx.CreateBucket(x.bucket); err != nil {
			return err
		}
	}
	if x.value == nil {
		return b.Delete(x.key)
	}
	return b.Put(x.key, x.value)
}

func (w *writes) empty() bool { return len(w.list) == 0 }

func (w *writes) apply(tx *bbolt.Tx) error {
	log := tx.Bucket(bucketLog)
	log.FillPercent = 0.9 // only ever appended to
	for _, x := range w.list {
		if err := x.apply(tx); err != nil {
			return fmt.Errorf("write to %s: %w", x.bucket, err)
		}
	}
	return nil
}
