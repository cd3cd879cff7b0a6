// Package slack owns Slack's dialect: the Socket Mode connections, what a card
// and a form look like in blocks, Slack's limits and errors, and who the person
// behind a click really is.
//
// A [Client] is a [bot.Chat], to be given to a [bot.Board], and a front end that
// hands what people want to a [bot.Desk]. It must never know who may do what,
// what a request goes through, or another chat.
//
// # What a click proves
//
// That a session of one Slack account clicked, and nothing else. Everything in a
// payload that people can edit is ignored: for each decision the account is
// looked up live and refused unless it is a confirmed, full member of the one
// configured workspace; the e-mail address of its profile is then the principal.
package slack
