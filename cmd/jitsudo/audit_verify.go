package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/jitsudo-chat/jitsudo/engine"
)

type auditVerifyCmd struct {
	File string `help:"An exported file (ndjson, json or csv), - for standard input; without it the daemon is asked." placeholder:"<file>" type:"path"`
}

// Run checks every entry of the chain.
func (c *auditVerifyCmd) Run(ctx context.Context, a *app) error {
	var head engine.Head
	var err error
	if c.File != "" {
		head, err = a.verifyFile(c.File)
	} else {
		head, err = a.verifyDaemon(ctx)
	}
	var broken *engine.ChainError
	if errors.As(err, &broken) {
		return outcome{exitFailed, fmt.Errorf("the audit log does not verify: %w", broken)}
	}
	if err != nil {
		return err
	}
	return a.answer(map[string]any{"verified": true, "entries": head.ID, "hash": head.Hash}, func() error {
		if a.words.Quiet {
			return nil
		}
		return a.facts([]fact{{"Verified", fmt.Sprintf("%d entries", head.ID)}, {"Head", head.Hash}})
	})
}

func (a *app) verifyDaemon(ctx context.Context) (engine.Head, error) {
	me, err := a.client.Whoami(ctx)
	if err != nil {
		return engine.Head{}, err
	}
	if !me.SeesAll {
		return engine.Head{}, engine.Refuse(engine.ErrForbidden, "You see a part of the audit log, and a part cannot be verified.").WithHint("Ask an admin or an auditor.")
	}
	var failed error
	head, err := verify(a.entireLog(ctx, &failed))
	return head, errors.Join(failed, err)
}

func verify(entries func(func(json.RawMessage) bool)) (head engine.Head, err error) {
	for raw := range entries {
		if head, err = engine.VerifyNext(head, raw); err != nil {
			return head, err
		}
	}
	return head, nil
}

func (a *app) verifyFile(path string) (engine.Head, error) {
	in := a.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return engine.Head{}, engine.Refuse(engine.ErrNotFound, "The file %s cannot be read.", engine.OneLine(path, 200)).WithHint("The system says: %v.", errors.Unwrap(err))
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	var failed error
	head, err := verify(fileEntries(in, &failed))
	switch err := errors.Join(failed, err); {
	case err != nil:
		return head, err
	case head.ID == 0:
		return head, invalid("The file holds no audit entry.")
	}
	return head, nil
}

// fileEntries yields the entries of an exported file of any form.
func fileEntries(in io.Reader, failed *error) func(func(json.RawMessage) bool) {
	r := bufio.NewReaderSize(in, 1<<16)
	return func(yield func(json.RawMessage) bool) {
		first, err := firstByte(r)
		switch {
		case errors.Is(err, io.EOF):
		case err != nil:
			*failed = fmt.Errorf("read file: %w", err)
		case first == '{' || first == '[':
			*failed = jsonEntries(r, first == '[', yield)
		default:
			*failed = csvEntries(r, yield)
		}
	}
}

func firstByte(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if !unicode.IsSpace(rune(b)) {
			return b, r.UnreadByte()
		}
	}
}

func jsonEntries(r io.Reader, isList bool, yield func(json.RawMessage) bool) error {
	d := json.NewDecoder(r)
	if isList {
		if _, err := d.Token(); err != nil {
			return fmt.Errorf("read file: %w", err)
		}
	}
	for !isList || d.More() {
		var raw json.RawMessage
		switch err := d.Decode(&raw); {
		case !isList && errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return invalid("The file is damaged at byte %d: it is no JSON there.", d.InputOffset())
		case !yield(raw):
			return nil
		}
	}
	if _, err := d.Token(); err != nil {
		return invalid("The file is cut off: its list does not end.")
	}
	return nil
}

func csvEntries(r io.Reader, yield func(json.RawMessage) bool) error {
	in := csv.NewReader(r)
	header, err := in.Read()
	if err != nil || !slices.Equal(header, columns) {
		return invalid("The file is no export of the audit log.").WithHint("`jitsudo audit export` makes one.")
	}
	for {
		cells, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return invalid("The file is damaged: %v.", err)
		}
		raw, err := entryOf(cells)
		if err != nil {
			return err
		}
		if !yield(raw) {
			return nil
		}
	}
}

// entryOf turns a line back into the entry it was made from.
func entryOf(cells []string) (json.RawMessage, error) {
	fields := map[string]any{}
	for i, name := range columns {
		text := strings.TrimPrefix(cells[i], "'")
		if name == "id" || name == "details" {
			if !json.Valid([]byte(text)) {
				return nil, invalid("The file is damaged: the column %s holds %q.", name, engine.OneLine(text, 40))
			}
			fields[name] = json.RawMessage(text)
			continue
		}
		fields[name] = text
	}
	return json.Marshal(fields)
}
