package bot

import (
	"context"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Person is somebody to be told something: by their principal ID, and by the
// account under which they were recognised when they asked.
type Person struct {
	ID      string
	Account engine.Account
}

// Chat is one chat platform, as far as the [Board] needs it. Every call is
// bounded by ctx and safe for concurrent use.
//
// An error that wraps [engine.ErrNotFound] says that the message or the person
// is not there and never will be; one that wraps [engine.ErrForbidden], that the
// chat refuses for good. Any other error is worth another try. Where the chat
// asks to be left alone for a while, the error has a method
// RetryAfter() time.Duration.
type Chat interface {
	// Post puts a card into a channel.
	Post(ctx context.Context, channel string, c Card) (engine.Message, error)
	// Reply puts a card into the thread under a message.
	Reply(ctx context.Context, under engine.Message, c Card) (engine.Message, error)
	// Edit draws a message anew: nothing of the old drawing stays, and nobody is
	// called again.
	Edit(ctx context.Context, m engine.Message, c Card) error
	// Direct tells one person by themselves.
	Direct(ctx context.Context, to Person, c Card) (engine.Message, error)
}
