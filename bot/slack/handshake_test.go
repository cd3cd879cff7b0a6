package slack_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot/slack"
)

// TestD1_StopDuringHandshake: an other end that takes the connection and then
// says nothing does not hold up a stop.
func TestD1_StopDuringHandshake(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mute.Close() }()
	taken := make(chan net.Conn, 10)
	go func() {
		defer close(taken)
		for {
			c, err := mute.Accept()
			if err != nil {
				return
			}
			taken <- c
		}
	}()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"ok":true,"url":"ws://%s/"}`, mute.Addr())
	}))
	defer api.Close()
	client, err := slack.New(slack.Options{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: api.URL + "/api/", Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- client.Run(ctx, nil) }()
	end := <-taken
	buf := make([]byte, 1)
	if _, err := io.ReadFull(end, buf); err != nil { // the handshake has begun
		t.Fatal(err)
	}
	stop()
	began := time.Now()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("the stop took %s", took)
	}
	if err := end.Close(); err != nil {
		t.Error(err)
	}
}
