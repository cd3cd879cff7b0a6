package bolt

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"
)

// kind is the number that Linux knows a type of file system by (statfs(2)).
type kind uint32

// lustre is not in the system's headers; its client's own say so (lustre_user.h).
const lustre kind = 0x0BD00BD0

// networked are the file systems on which locks, maps of a file and syncs do not
// promise what they do on a local disk: two daemons could have the file at once,
// and what was acknowledged could be gone.
var networked = map[kind]string{
	unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.CIFS_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB",
	unix.AFS_SUPER_MAGIC: "AFS", unix.AFS_FS_MAGIC: "AFS", unix.CODA_SUPER_MAGIC: "Coda", unix.NCP_SUPER_MAGIC: "NCP",
	unix.CEPH_SUPER_MAGIC: "CephFS", lustre: "Lustre",
}

// doubtful are those that may be as good as a local disk, or not: it depends on
// a program behind them that nobody here can ask.
var doubtful = map[kind]string{unix.FUSE_SUPER_MAGIC: "FUSE", unix.V9FS_MAGIC: "9P"}

// kindOf returns the type of the file system on which path is.
func kindOf(path string) (kind, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return 0, err
	}
	return kind(st.Type), nil //nolint:gosec // signed on some machines, the same bits
}

// checkDisk refuses a path on a network file system.
func (s *Store) checkDisk(path string) error {
	k, err := s.options.kindOf(path)
	switch {
	case errors.Is(err, fs.ErrNotExist): // whoever opens it says so
		return nil
	case err != nil:
		return explainOpen(path, fmt.Errorf("find out its file system: %w", err))
	case networked[k] != "":
		return refuse(fmt.Sprintf("%s is on a network file system (%s), which does not keep what the database needs.", path, networked[k]),
			"Set store.path to a file on a local disk, such as one with ext4 or xfs.")
	}
	return nil
}

// warnOfDisk logs what may be wrong with the file system of the open file.
func (s *Store) warnOfDisk() {
	k, err := s.options.kindOf(s.path)
	switch {
	case err != nil:
		s.log.Warn("the file system of the database is not known", "file", s.path, "error", err)
	case doubtful[k] != "":
		s.log.Warn("the database is on a file system that may lose what was acknowledged at a power cut; a local disk does not",
			"file", s.path, "filesystem", doubtful[k])
	}
}
