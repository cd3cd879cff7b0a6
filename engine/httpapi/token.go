package httpapi

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// TokenPrefix begins every token, so that scanners find one that got out.
const TokenPrefix = "jsu_"

// A Digest is the SHA-256 of a token; the token itself is kept nowhere.
type Digest [sha256.Size]byte

// NewToken makes a token of more than 256 random bits and its digest.
func NewToken() (string, Digest) {
	token := TokenPrefix + rand.Text() + rand.Text()
	return token, DigestOf(token)
}

// DigestOf returns the digest under which a token is kept.
func DigestOf(token string) Digest { return sha256.Sum256([]byte(token)) }

// ParseDigest reads a digest in hex.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(d) {
		return d, errors.New("not a SHA-256 digest in hex (64 digits)")
	}
	copy(d[:], raw)
	return d, nil
}

// String returns the digest in hex.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Token says who calls with a token.
type Token struct {
	Name      string // for the log
	Principal string
	Digest    Digest
	Expires   time.Time // zero: it does not end by itself
}

// Tokens are the tokens that are valid. The zero Tokens let nobody in.
type Tokens struct{ all []Token }

// NewTokens checks that every token has a digest of its own and a principal.
func NewTokens(all ...Token) (Tokens, error) {
	seen := map[Digest]string{}
	for _, t := range all {
		if t.Digest == (Digest{}) || t.Principal == "" {
			return Tokens{}, fmt.Errorf("token %q has no digest or no principal", t.Name)
		}
		if other, twice := seen[t.Digest]; twice {
			return Tokens{}, fmt.Errorf("tokens %q and %q are the same", other, t.Name)
		}
		seen[t.Digest] = t.Name
	}
	return Tokens{all}, nil
}

// find compares digests in constant time and always all of them, so that the
// time taken tells nothing.
func (t Tokens) find(value string, now time.Time) (Token, bool) {
	given := DigestOf(value)
	at := -1
	for i := range t.all {
		if subtle.ConstantTimeCompare(given[:], t.all[i].Digest[:]) == 1 {
			at = i
		}
	}
	if at < 0 || !strings.HasPrefix(value, TokenPrefix) {
		return Token{}, false
	}
	found := t.all[at]
	return found, found.Expires.IsZero() || now.Before(found.Expires)
}
