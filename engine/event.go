package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Outcome says whether what an event tells of was done.
type Outcome string

// The outcomes.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
)

// The actions of the audit log.
const (
	EvCreated      = "request.created"
	EvApproved     = "request.approved"
	EvAutoApproved = "request.auto_approved"
	EvDenied       = "request.denied"
	EvCanceled     = "request.canceled"
	EvLapsed       = "request.lapsed"
	EvIntended     = "grant.intended"
	EvIssued       = "grant.issued"
	EvGrantFailed  = "grant.failed"
	EvExpiring     = "grant.expiring"
	EvExpired      = "grant.expired"
	EvRevoking     = "grant.revoking"
	EvRevoked      = "grant.revoked"
	EvOrphaned     = "grant.orphaned"
	EvCredentials  = "credentials.issued"
	EvBreakGlass   = "break_glass.used"
	EvReloaded     = "policy.reloaded"
	EvAuthRefused  = "auth.refused"
	EvConfigLoaded = "config.loaded"
)

// ZeroHash is the prev_hash of the first entry.
const ZeroHash = "0000000000000000000000000000000000000000000000000000000000000000"

// Event is one entry of the audit log.
type Event struct {
	ID        uint64         `json:"id"`        // 1, 2, 3 … without gaps, given by the store
	At        time.Time      `json:"timestamp"` // UTC
	Actor     string         `json:"actor_identity"`
	Action    string         `json:"action"`
	RequestID string         `json:"request_id"`
	Provider  string         `json:"provider"`
	Scope     string         `json:"resource_scope"`
	Outcome   Outcome        `json:"outcome"`
	Details   map[string]any `json:"details"` // JSON values: strings, booleans, numbers, lists and objects of them
	PrevHash  string         `json:"prev_hash"`
	Hash      string         `json:"hash"`

	// Requester is the person whose request it is about. It is no part of the
	// entry: the store indexes it.
	Requester string `json:"-"`
}

// Head is the end of the chain.
type Head struct {
	ID   uint64
	Hash string
}

// Seal returns e as the entry that follows head: with its ID, prev_hash and
// hash. Every field is covered: hash = hex(SHA-256(prev_hash || "\n" ||
// JCS(entry without "hash"))), JCS being RFC 8785.
func (e Event) Seal(head Head) (Event, error) {
	e.ID = head.ID + 1
	e.PrevHash = head.Hash
	if head.ID == 0 {
		e.PrevHash = ZeroHash
	}
	e.At = e.At.UTC()
	if e.Details == nil {
		e.Details = map[string]any{}
	}
	h, err := e.digest()
	e.Hash = h
	return e, err
}

func (e Event) digest() (string, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("encode audit entry: %w", err)
	}
	return digestEntry(raw)
}

// digestEntry computes an entry's hash from its JSON form, whatever fields it
// has, so that an exported entry with an added field does not verify.
func digestEntry(raw []byte) (string, error) {
	canonical, fields, err := canonicalEntry(raw)
	if err != nil {
		return "", err
	}
	prev, _ := fields["prev_hash"].(string)
	sum := sha256.Sum256([]byte(prev + "\n" + string(canonical)))
	return hex.EncodeToString(sum[:]), nil
}

func canonicalEntry(raw []byte) ([]byte, map[string]any, error) {
	v, err := decodeJSON(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("read audit entry: %w", err)
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, nil, errors.New("audit entry is not an object")
	}
	delete(fields, "hash")
	canonical, err := appendCanonical(nil, fields)
	return canonical, fields, err
}

// ChainError says where the audit log stops being what was written.
type ChainError struct {
	ID  uint64 // the entry at fault
	Why string
}

func (e *ChainError) Error() string { return fmt.Sprintf("audit entry %d: %s", e.ID, e.Why) }

// VerifyNext checks that raw, one exported entry in JSON, follows head
// unaltered, and returns the new head.
func VerifyNext(head Head, raw []byte) (Head, error) {
	want := head.ID + 1
	sum, err := digestEntry(raw)
	if err != nil {
		return head, &ChainError{want, err.Error()}
	}
	var e struct {
		ID   uint64 `json:"id"`
		Prev string `json:"prev_hash"`
		Hash string `json:"hash"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return head, &ChainError{want, err.Error()}
	}
	prev := head.Hash
	if head.ID == 0 {
		prev = ZeroHash
	}
	switch {
	case e.ID != want:
		return head, &ChainError{want, fmt.Sprintf("entry %d stands in its place", e.ID)}
	case e.Prev != prev:
		return head, &ChainError{want, "does not follow the entry before it"}
	case !strings.EqualFold(e.Hash, sum) || len(e.Hash) != len(sum):
		return head, &ChainError{want, "was altered: its hash does not fit its contents"}
	}
	return Head{ID: e.ID, Hash: e.Hash}, nil
}

// Verify checks that e follows head unaltered, and returns the new head.
func (e Event) Verify(head Head) (Head, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return head, &ChainError{head.ID + 1, err.Error()}
	}
	return VerifyNext(head, raw)
}
