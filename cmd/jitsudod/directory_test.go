package main

import (
	"errors"
	"os/user"
	"testing"

	"github.com/jitsudo-chat/jitsudo/cmd/jitsudod/internal/config"
)

func TestT3_WhoAUserOfThisMachineIs(t *testing.T) {
	names := map[string]string{"0": "root", "33": "www-data", "1000": "Alice", "1001": "bob", "4242": "1000", "65534": "nobody"}
	l := localUsers{config.Local{Domain: "example.com", Users: map[string]string{"1000": "alice@example.com", "bob": "robert@example.com"}}, func(uid string) (*user.User, error) {
		if n, ok := names[uid]; ok {
			return &user.User{Uid: uid, Username: n}, nil
		}
		return nil, errors.New("unknown")
	}}
	for uid, want := range map[uint32]string{
		1000: "alice@example.com", 1001: "robert@example.com", 4242: "1000@example.com",
		0: "", 33: "", 65534: "", 7777: "",
	} {
		got, err := l.person(uid)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("uid %d is %q (%v), want %q", uid, got, err, want)
		}
	}
}
