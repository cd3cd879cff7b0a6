package bolt

import (
	"context"

	"go.etcd.io/bbolt"
)

// growStep is by how much the file grows at a time, in bytes.
const growStep = 4 << 20

// minMaxSize is the smallest bound that leaves room to work.
const minMaxSize = 4 * growStep

// room refuses a new request when the file is nearly full.
func (s *Store) room(tx *bbolt.Tx) error {
	if s.options.MaxSize > 0 && used(tx) > (s.options.MaxSize-growStep)/10*9 {
		return full()
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
