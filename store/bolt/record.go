package bolt

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// recordVersion is the first byte of every record.
const recordVersion = 1

var errRecord = errors.New("unreadable record")

// encodeRequest writes a request as a record. What could not be read back as it
// is comes back as ErrInvalid.
func encodeRequest(r engine.Request) ([]byte, error) {
	if r.ID == "" || !utf8.ValidString(r.ID) {
		return nil, engine.Refuse(engine.ErrInvalid, "A request needs an ID of valid characters.")
	}
	if !r.State.Valid() {
		return nil, engine.Refuse(engine.ErrInvalid, "Request %s has the state %q, which is none.", r.ID, r.State)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode request %s: %w: %w", r.ID, engine.ErrInvalid, err)
	}
	return append([]byte{recordVersion}, raw...), nil
}

// decodeRequest reads a record. It refuses whatever this version would not have
// written, so that nothing of a newer one is dropped in silence.
func decodeRequest(b []byte) (engine.Request, error) {
	var r engine.Request
	if len(b) == 0 {
		return r, fmt.Errorf("%w: there is none", errRecord)
	}
	if b[0] != recordVersion {
		return r, fmt.Errorf("%w: unknown version", errRecord)
	}
	if err := strict(b[1:], &r); err != nil {
		return engine.Request{}, err
	}
	if r.ID == "" || !r.State.Valid() {
		return engine.Request{}, fmt.Errorf("%w: no ID or no known state", errRecord)
	}
	return r, nil
}

// entry is an audit entry as it is kept: the very JSON that was hashed, and
// beside it what the store itself wants to know without reading that.
type entry struct {
	engine.Event
	raw []byte
}

// encodeEntry writes a sealed event as a record.
func encodeEntry(e engine.Event) ([]byte, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode audit entry: %w: %w", engine.ErrInvalid, err)
	}
	requester := valid(e.Requester)
	b := append([]byte{recordVersion}, moment(e.At)...)
	b = binary.AppendUvarint(b, uint64(len(requester)))
	return append(append(b, requester...), raw...), nil
}

// decodeEntry reads a record of the log.
func decodeEntry(b []byte) (entry, error) {
	at, err := entryTime(b)
	if err != nil {
		return entry{}, err
	}
	rest := b[1+momentSize:]
	n, size := binary.Uvarint(rest)
	if size <= 0 || n > uint64(len(rest)-size) {
		return entry{}, fmt.Errorf("%w: cut short", errRecord)
	}
	e := entry{raw: rest[size+int(n):]}
	if err := strict(e.raw, &e.Event); err != nil {
		return entry{}, err
	}
	if !e.At.Equal(at) {
		return entry{}, fmt.Errorf("%w: filed under another time", errRecord)
	}
	e.Requester = string(rest[size : size+int(n)])
	return e, nil
}

// entryTime reads only the time of a record of the log.
func entryTime(b []byte) (time.Time, error) {
	if len(b) < 1+momentSize || b[0] != recordVersion {
		return time.Time{}, fmt.Errorf("%w: unknown version", errRecord)
	}
	t, err := parseMoment(b[1:])
	if err != nil {
		return t, fmt.Errorf("%w: %w", errRecord, err)
	}
	return t, nil
}

// strict decodes one JSON value that has no field we do not know, and nothing
// behind it.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errRecord, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows it", errRecord)
	}
	return nil
}
