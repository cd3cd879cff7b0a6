// Package examples owns the files to copy: configuration, systemd unit,
// manifests, policies. It embeds what `jitsudod init` writes out, so that the
// files that people read are the files that they get. It must not know the parts
// that read them.
package examples

import _ "embed" // for the files

// Config is a daemon's configuration to start from.
//
//go:embed jitsudod.yaml
var Config []byte

// SystemdUnit is the hardened unit.
//
//go:embed systemd/jitsudod.service
var SystemdUnit []byte
