// Package chattest owns the contract of a chat as tests: what every [bot.Chat]
// must keep, so that a [bot.Board] can rely on it. A new chat is finished when
// [Run] passes.
//
// It must never know any chat's dialect; a [World] reads back for it what people
// see.
package chattest
