package bolt

// WithoutSync makes the store skip what makes its commits last, to show that a
// test which looks for it would notice.
func (s *Store) WithoutSync() { s.db.NoSync = true }
