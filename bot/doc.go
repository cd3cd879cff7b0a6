// Package bot owns what is said and asked about requests for access, for any
// chat: the card that draws a request, the lines that tell what happened, the
// forms that ask, the [Desk] that takes wishes in and the [Board] that shows
// what became of them.
//
// It speaks to a chat through the small port [Chat] and to the engine by its
// methods. It must never know a chat's SDK, who may do what, or how a person is
// recognised: a chat hands over an [engine.Actor] that it has recognised itself.
package bot
