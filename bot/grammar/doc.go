// Package grammar owns the words people use to ask jitsudo for something:
// the commands, their flags and what they mean, once for the command line and
// for every chat.
//
// The commands are plain structs tagged for kong. The command line embeds them
// in commands that run; a chat hands the text of its slash command to
// [ParseSlash] and gets the same structs back.
//
// It must never know a chat's SDK, the HTTP API, or who is speaking.
package grammar
