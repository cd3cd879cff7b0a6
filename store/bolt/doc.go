// Package bolt keeps requests and the audit log in one file on a local disk,
// with bbolt underneath. It is what a single daemon runs on.
//
// It owns the file: how it is made so that a power cut cannot leave half of
// one, who may own it, how records are written, which indexes there are, and
// how many writers share one sync of the disk. It must never know chat, clouds,
// HTTP or policy, nor decide anything about a request.
//
// # The file
//
//	meta      format, head (of the chain), now and wall (latest moment seen)
//	requests  number -> record; numbers count up by one, in order of creation
//	ids       request ID -> number
//	keys      requester, idempotency key -> number
//	by        dimension, term, number (requester, state, provider, viewer)
//	access    moment, number: who is due in [engine.AccessQueue]
//	card      moment, number: who is due in [engine.CardQueue]
//	parked    queue, moment, number: who was due and cannot be read; often not there
//	log       entry ID -> record of the audit log
//	logby     dimension, term, entry ID (actor, requester, provider, request, action)
//
// # What cannot be read
//
// A record that this version would not have written (a field of a newer one, a
// disk that lost a bit) is not worked on, and harms nobody else: it leaves its
// queue, lists go on without it, the log names it, and [Store.Damaged] too. When
// the file is opened by a version that can read it, it is back in its queue. In
// the audit log there is no such leniency: an entry that cannot be read is a
// broken chain.
//
// # Commits
//
// All writers that wait share one commit: whoever comes first takes everything
// that is queued, runs each change on what the ones before it left, and syncs
// once. A lone writer never waits for company. A change that fails leaves
// nothing behind and disturbs no other.
//
// When a commit fails, nobody is told that it worked, and the file is closed
// and opened afresh before anything else is read or written: what a kernel
// keeps in memory after a failed sync need not be what is on the disk.
package bolt
