package kubetest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// buildFolder is where the recipe for the programs lies, from the top of the
// repository.
const buildFolder = "providers/kubernetes/kubetest/apiserver"

var errNoPrograms = errors.New("kube-apiserver and etcd are not built; run " + buildFolder + "/build")

// findPrograms returns the folder that apiserver/build fills for the present
// go.sum. A test runs in its package's folder, so the top is looked for
// upwards from there.
func findPrograms() (string, error) {
	top, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("folder of the test: %w", err)
	}
	for {
		sums, err := os.ReadFile(filepath.Join(top, buildFolder, "go.sum"))
		if err == nil {
			return programsFor(top, sums)
		}
		parent := filepath.Dir(top)
		if parent == top {
			return "", fmt.Errorf("%w (the test does not run inside the repository)", errNoPrograms)
		}
		top = parent
	}
}

func programsFor(top string, sums []byte) (string, error) {
	hash := sha256.Sum256(sums)
	folder := filepath.Join(top, ".cache", "kube", hex.EncodeToString(hash[:])[:16])
	for _, name := range []string{"etcd", "kube-apiserver"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return "", errNoPrograms
		}
	}
	return folder, nil
}
