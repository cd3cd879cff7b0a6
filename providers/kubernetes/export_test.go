package kubernetes

// SetPage makes lists come in pages of n, so that a test needs no thousands.
func (c *Cluster) SetPage(n int) { c.people.page, c.work.page = n, n }
