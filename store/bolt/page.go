package bolt

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// paging says where a page begins, how it goes on and how much it holds.
type paging struct {
	start uint64
	limit int
	up    bool
	query []byte // digest of what was asked, which a token is bound to
}

// tokenVersion is the first byte of every page token.
const tokenVersion = 1

const tokenSize = 1 + 8 + 8

// newPaging reads the page size and the token of a query. question names the
// query: a token is good only for the one it came from.
func newPaging(size int, token string, up bool, question ...string) (paging, error) {
	p := paging{limit: size, up: up, start: math.MaxUint64 - 1}
	switch {
	case size < 0:
		return p, engine.Refuse(engine.ErrInvalid, "A page cannot have %d entries.", size).On("page_size")
	case size == 0:
		p.limit = engine.DefaultPage
	case size > engine.MaxPage:
		p.limit = engine.MaxPage
	}
	if up {
		p.start = 1
	}
	sum := sha256.New()
	for _, q := range question {
		sum.Write(term(q))
	}
	if up {
		sum.Write([]byte{1})
	}
	p.query = sum.Sum(nil)
	if token == "" {
		return p, nil
	}
	last, ok := p.parse(token)
	if !ok {
		return p, engine.Refuse(engine.ErrInvalid, "The page token does not belong to this list.").
			On("page_token").WithHint("Begin again without one.")
	}
	p.start = last - 1
	if up {
		p.start = last + 1
	}
	return p, nil
}

// token names the page that begins after the number last.
func (p paging) token(last uint64) string {
	b := binary.BigEndian.AppendUint64([]byte{tokenVersion}, last)
	return base64.RawURLEncoding.EncodeToString(append(b, p.mark(b)...))
}

// mark binds a token to its query. It keeps mistakes out, not attackers: a
// position gives nobody a right to see anything.
func (p paging) mark(b []byte) []byte {
	sum := sha256.New()
	sum.Write(p.query)
	sum.Write(b)
	return sum.Sum(nil)[:8]
}

func (p paging) parse(token string) (uint64, bool) {
	encoding := base64.RawURLEncoding.Strict()
	if len(token) != encoding.EncodedLen(tokenSize) { // the decoder skips line breaks
		return 0, false
	}
	b, err := encoding.DecodeString(token)
	if err != nil || len(b) != tokenSize || b[0] != tokenVersion {
		return 0, false
	}
	if string(b[9:]) != string(p.mark(b[:9])) {
		return 0, false
	}
	last := binary.BigEndian.Uint64(b[1:])
	return last, last > 0 && last < math.MaxUint64
}
