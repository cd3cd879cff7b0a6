package slack_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain: whatever Run starts has ended when it returns.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
