package bolt

import (
	"context"
	"errors"

	"go.etcd.io/bbolt"
)

// growStep is by how much the file grows at a time, in bytes.
const growStep = 4 << 20

// minMaxSize is the smallest bound that leaves room to work: 16 MiB.
const minMaxSize = 4 * growStep

// ErrFull says that the file has no room for new requests and for entries of
// their own, or none at all. It comes wrapped, with a sentence for people.
var ErrFull = errors.New("the database is full")

// room refuses what is new when the file is nearly full.
func (s *Store) room(tx *bbolt.Tx) error {
	if s.options.MaxSize > 0 && used(tx) > (s.options.MaxSize-growStep)/10*9 {
		return full(ErrFull)
	}
	return nil
}

// used is what the file holds, in bytes, pages that can be used again left out.
func used(tx *bbolt.Tx) int64 {
	stats := tx.DB().Stats()
	free := stats.FreePageN + stats.PendingPageN
	return tx.Size() - int64(free)*int64(tx.DB().Info().PageSize)
}

// Used returns how much of the file is in use, in bytes; compare with
// [Options].MaxSize.
func (s *Store) Used(ctx context.Context) (int64, error) {
	var n int64
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		n = used(tx)
		return nil
	})
	return n, err
}
