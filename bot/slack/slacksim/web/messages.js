// A conversation: its messages by day, and what one can do with each.
import { h, cls } from './dom.js'
import { store, changed, act, notice, open, person, messages, replies } from './store.js'
import { author, face, nameOf, badges, time, dayOf, count } from './text.js'
import { blocks } from './blocks.js'
import { icon } from './icons.js'
import { emoji, QUICK } from './emoji.js'
import { firstUnread } from './unread.js'

/** channelMessages shows a channel's messages; those that live in a thread are shown there. */
export function channelMessages(channelID) {
  const list = messages(channelID).filter((m) => !m.thread_ts || m.thread_ts === m.ts)
  return messageList(channelID, list, { test: 'messages', from: firstUnread(channelID) })
}

/** threadMessages shows the message that a thread hangs on, and the answers. */
export function threadMessages(channelID, ts) {
  const root = messages(channelID).find((m) => m.ts === ts)
  const answers = replies(channelID, ts)
  return h('div', { class: 'scroller', key: `t-${channelID}-${ts}`, 'data-scroll': `t-${channelID}-${ts}`, 'data-test': 'thread-messages', role: 'list', 'aria-label': 'Thread' },
    root ? message(channelID, root, { inThread: true }) : h('p', { class: 'quiet', key: 'gone' }, 'This message is not there (any more).'),
    h('div', { class: 'rule', key: 'rule', role: 'presentation' }, h('span', null, answers.length ? count(answers.length, 'reply', 'replies') : 'No replies yet')),
    answers.map((m, i) => message(channelID, m, { inThread: true, follows: follows(answers[i - 1], m) })))
}

function messageList(channelID, list, { test, from }) {
  const rows = []
  let day = ''
  list.forEach((m, i) => {
    const today = dayOf(m.ts)
    if (today !== day) rows.push(h('div', { class: 'rule day', key: `day-${today}`, role: 'presentation' }, h('span', null, today)))
    const isNew = from !== '' && m.ts === from
    if (isNew) rows.push(h('div', { class: 'rule new', key: 'new', role: 'presentation', 'data-test': 'new-messages' }, h('span', null, 'New')))
    rows.push(message(channelID, m, { follows: today === day && !isNew && follows(list[i - 1], m) }))
    day = today
  })
  if (rows.length === 0) rows.push(h('p', { class: 'quiet', key: 'none' }, 'Nothing has been said here yet.'))
  return h('div', { class: 'scroller', key: `c-${channelID}`, 'data-scroll': `c-${channelID}`, 'data-test': test, role: 'list', 'aria-label': 'Messages' }, rows)
}

// follows tells whether a message is the same author's, right after the one before: then the name is not repeated.
function follows(before, m) {
  if (!before || before.ephemeral || m.ephemeral || before.reply_count || (before.blocks || []).length > 2 || (m.blocks || []).length > 2) return false
  return author(before).id === author(m).id && Number(m.ts) - Number(before.ts) < 300
}

function message(channelID, m, { inThread, follows: close }) {
  const who = author(m)
  const failed = (store.data.warnings || []).some((w) => w.message_ts === m.ts && (!w.channel || w.channel === channelID))
  return h('div', {
    class: cls('message', m.ephemeral && 'ephemeral', close && 'close', m.pings > 0 && 'pinging', store.thread === m.ts && !inThread && 'current'),
    key: `m-${m.ts}`, 'data-test': `message-${m.ts}`, 'data-ts': m.ts, role: 'listitem', tabindex: -1, 'data-message': '',
    on: { keydown: moveAmong, focusin: stop },
  },
  close ? h('span', { class: 'face-gap', key: 'face' }, time(m.ts)) : h('span', { key: 'face' }, face(who)),
  h('div', { class: 'message-main', key: 'main' },
    m.ephemeral ? h('div', { class: 'only-you', key: 'only', 'data-test': 'only-visible-to-you' }, icon('eye'), 'Only visible to you',
      h('button', { type: 'button', class: 'linklike', 'data-test': `dismiss-${m.ts}`, on: { click: () => act('dismiss', { id: m.ts }) } }, 'Dismiss')) : null,
    close ? null : head(m, who),
    body(channelID, m),
    marks(m, failed),
    reactions(channelID, m),
    inThread || !m.reply_count ? null : summary(channelID, m)),
  m.ephemeral ? null : toolbar(channelID, m, inThread))
}

const stop = (e) => { if (e.target === e.currentTarget) roving(e.currentTarget) }

function head(m, who) {
  return h('div', { class: 'message-head', key: 'head' },
    h('strong', { class: 'name', key: 'name' }, nameOf(who)),
    who.bot ? h('span', { class: 'badge app', key: 'app' }, 'App') : badges(who), time(m.ts))
}

function body(channelID, m) {
  const ctx = { channel: channelID, ts: m.ts, pending: m.pending }
  if (m.blocks && m.blocks.length) return h('div', { class: cls('message-body blocks', m.blocks.length > 1 && 'card'), key: 'blocks', 'data-body': '' }, blocks(ctx, m.blocks))
  return h('div', { class: 'message-body text', key: 'text', 'data-body': '', html: m.text_html || '' })
}

function marks(m, failed) {
  const list = []
  if (m.pings > 0) list.push(h('span', { class: 'pinged', key: 'pinged', 'data-test': `pings-${m.ts}`, title: 'This message notified people by a mention.' }, icon('bell'), `pinged ${count(m.pings, 'person', 'people')}`))
  if (m.edited) list.push(h('span', { class: 'edited', key: 'edited', 'data-test': `edited-${m.ts}` }, '(edited)'))
  if (failed) list.push(h('span', { class: 'failed', key: 'failed' }, icon('warn'), 'The app did not answer.'))
  return list.length ? h('div', { class: 'marks', key: 'marks' }, list) : null
}

function reactions(channelID, m) {
  if (!m.reactions || !m.reactions.length) return null
  return h('div', { class: 'reactions', key: 'reactions' }, m.reactions.map((r) =>
    h('button', { type: 'button', class: cls('reaction', r.me && 'mine'), key: r.name, 'aria-pressed': r.me ? 'true' : 'false', 'data-test': `reaction-${r.name}`,
      'aria-label': `${r.name}, ${count(r.count, 'reaction')}`, on: { click: () => react(channelID, m, r.name) } },
    h('span', { class: 'emoji' }, emoji(r.name)), String(r.count))))
}

async function react(channelID, m, name) {
  store.menu = ''
  const answer = await act('react', { channel: channelID, ts: m.ts, name })
  if (!answer.ok) notice(answer.error)
}

function summary(channelID, m) {
  const answers = replies(channelID, m.ts)
  const voices = [...new Map(answers.map((r) => [author(r).id, author(r)])).values()].slice(0, 4)
  return h('button', { type: 'button', class: 'summary', key: 'summary', 'data-test': `thread-${m.ts}`, 'data-key': `summary-${m.ts}`, on: { click: () => openThread(channelID, m) } },
    h('span', { class: 'voices' }, voices.map((v) => face(v, 'tiny'))),
    h('span', { class: 'summary-count' }, count(m.reply_count, 'reply', 'replies')),
    m.latest_reply ? h('span', { class: 'quiet' }, 'last ', time(m.latest_reply)) : null)
}

function openThread(channelID, m) {
  open(channelID, m.ts)
  const box = document.querySelector('[data-test="thread-composer"]')
  if (box) box.focus()
}

function toolbar(channelID, m, inThread) {
  const id = `react-${inThread ? 't' : 'c'}-${m.ts}`
  const choosing = store.menu === id
  return h('div', { class: cls('toolbar', choosing && 'stay'), key: 'toolbar', role: 'toolbar', 'aria-label': 'Message' },
    choosing ? QUICK.map((name) => h('button', { type: 'button', class: 'tool', key: name, 'aria-label': `React with ${name}`, 'data-test': `react-${name}`,
      on: { click: () => react(channelID, m, name) } }, emoji(name))) : null,
    h('button', { type: 'button', class: 'tool', key: 'react', 'aria-label': 'React', title: 'React', 'aria-expanded': choosing ? 'true' : 'false', 'data-test': `react-${m.ts}`,
      'data-menu': id, on: { click: () => { store.menu = choosing ? '' : id; changed() } } }, icon('smile')),
    inThread ? null : h('button', { type: 'button', class: 'tool', key: 'reply', 'aria-label': 'Reply in thread', title: 'Reply in thread', 'data-test': `reply-${m.ts}`,
      on: { click: () => openThread(channelID, m) } }, icon('reply')))
}

// One message of a list is in the Tab order; the arrow keys go on from there.
function moveAmong(e) {
  if (e.target !== e.currentTarget) return
  const all = [...e.currentTarget.parentElement.querySelectorAll(':scope > [data-message]')]
  const at = all.indexOf(e.currentTarget)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[e.key]
  if (to === undefined || !all[to]) return
  e.preventDefault()
  all[to].focus()
}

function roving(chosen) {
  for (const el of chosen.parentElement.querySelectorAll(':scope > [data-message]')) el.tabIndex = el === chosen ? 0 : -1
}

/** keepOneReachable makes the last message of each list the one in the Tab order, unless one was chosen. */
export function keepOneReachable() {
  for (const list of document.querySelectorAll('[data-scroll]')) {
    const all = list.querySelectorAll(':scope > [data-message]')
    if (all.length && ![...all].some((el) => el.tabIndex === 0)) all[all.length - 1].tabIndex = 0
  }
}

export const typists = () => (store.data.typing || [])
  .filter((t) => typeof t === 'string' || !t.channel || t.channel === store.channel)
  .map((t) => nameOf(person(t.user || t) || { name: t.name || t }))
