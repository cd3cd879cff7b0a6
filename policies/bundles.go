package policies

import (
	"embed"
	"io/fs"
)

//go:embed default/*.rego demo/*.rego
var bundles embed.FS

// Default is the bundle to begin with: heavily commented files, and their tests,
// that are meant to be written into a folder and changed.
func Default() fs.FS { return bundle("default") }

// Demo is the bundle of the demonstration company.
func Demo() fs.FS { return bundle("demo") }

// Helpers are the helpers that come with jitsudo, with their tests. They are
// part of every set and need not be in a folder.
func Helpers() fs.FS {
	sub, err := fs.Sub(libFiles, "lib")
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return sub
}

func bundle(name string) fs.FS {
	sub, err := fs.Sub(bundles, name)
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return sub
}
