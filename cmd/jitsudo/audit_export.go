package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/jitsudo-chat/jitsudo/engine"
)

type auditExportCmd struct{}

// Help says what the format is, which is another than elsewhere.
func (auditExportCmd) Help() string {
	return "The formats here are ndjson (the default), json and csv."
}

// Run prints the whole log, oldest first.
func (auditExportCmd) Run(ctx context.Context, a *app) error {
	format, err := a.format("ndjson", "json", "csv")
	if err != nil {
		return err
	}
	var failed error
	if err := a.printEntries(format, a.entireLog(ctx, &failed)); err != nil {
		return err
	}
	return failed
}

// entireLog yields every entry, oldest first; failed tells why it stopped early.
func (a *app) entireLog(ctx context.Context, failed *error) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		f := engine.EventFilter{Ascending: true, PageSize: engine.MaxPage}
		for {
			page, err := a.client.Events(ctx, f)
			if err != nil {
				*failed = err
				return
			}
			for _, raw := range page.Entries {
				if !yield(raw) {
					return
				}
			}
			if f.PageToken = page.Next; page.Next == "" {
				return
			}
		}
	}
}

// printEntries prints entries one by one, so that a long log needs no memory.
func (a *app) printEntries(format string, entries iter.Seq[json.RawMessage]) error {
	var b bytes.Buffer
	flush := func() error {
		_, err := a.out.Write(b.Bytes())
		b.Reset()
		return err
	}
	n := 0
	switch format {
	case "csv":
		b.WriteString(csvLine(columns))
	case "json":
		b.WriteString("[")
	}
	for raw := range entries {
		if err := writeEntry(&b, format, n, raw); err != nil {
			return err
		}
		n++
		if err := flush(); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if format == "json" {
		b.WriteString("\n]\n")
	}
	return flush()
}

func writeEntry(b *bytes.Buffer, format string, n int, raw json.RawMessage) error {
	switch format {
	case "csv":
		line, err := csvEntry(raw)
		b.WriteString(line)
		return err
	case "json":
		if n > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n")
		b.Write(escapeInvisible(bytes.TrimSpace(raw)))
		return nil
	}
	b.Write(escapeInvisible(bytes.TrimSpace(raw)))
	b.WriteByte('\n')
	return nil
}

// columns are the fields of an entry, in the order of the file.
var columns = []string{"id", "timestamp", "actor_identity", "action", "request_id", "provider", "resource_scope", "outcome", "details", "prev_hash", "hash"}

// csvEntry writes an entry as a line. An entry with a field that has no column
// is refused: the file would not verify.
func csvEntry(raw json.RawMessage) (string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return "", fmt.Errorf("read audit entry: %w", err)
	}
	if len(fields) != len(columns) {
		return "", engine.Refuse(engine.ErrUnavailable, "An audit entry has fields that CSV has no column for.").WithHint("Export it with -o ndjson.")
	}
	cells := make([]string, len(columns))
	for i, name := range columns {
		value, ok := fields[name]
		if !ok {
			return "", engine.Refuse(engine.ErrUnavailable, "An audit entry has no field %s.", name).WithHint("Export it with -o ndjson.")
		}
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(escapeInvisible(value)) // a number or an object
		}
		cells[i] = engine.Clean(text)
	}
	return csvLine(cells), nil
}

// csvLine quotes every cell, and puts an apostrophe before what a spreadsheet
// would compute (and before an apostrophe, so that it can be taken off again).
func csvLine(cells []string) string {
	quoted := make([]string, len(cells))
	for i, c := range cells {
		first, _ := utf8.DecodeRuneInString(strings.TrimLeft(c, " "))
		if strings.ContainsRune("=+-@\t\r'＝＋－＠", first) && c != "" {
			c = "'" + c
		}
		quoted[i] = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
	}
	return strings.Join(quoted, ",") + "\r\n"
}
