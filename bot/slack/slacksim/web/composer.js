// Where one writes. Enter sends, Shift+Enter makes a new line; a text that starts with "/" is a command for an app.
import { h } from './dom.js'
import { store, changed, act, channel } from './store.js'
import { channelTitle } from './text.js'
import { typists } from './messages.js'
import { icon } from './icons.js'

const keyOf = (thread) => `${store.as}/${store.channel}/${thread}`

/** composer shows the writing field of the open conversation, or of a thread in it. */
export function composer(thread = '') {
  const c = channel(store.channel)
  const key = keyOf(thread)
  const test = thread ? 'thread-composer' : 'composer'
  if (c.kind !== 'im' && c.member === false) return h('div', { class: 'composer outside', key: test }, `You are not a member of #${c.name}, so you can only read here.`)
  const label = thread ? 'Reply' : `Message ${c.kind === 'im' ? channelTitle(c) : `#${c.name}`}`
  const text = store.drafts.get(key) || ''
  const error = store.sendErrors.get(key)
  return h('div', { class: 'composer', key: test },
    hint(text, thread, test),
    error ? h('div', { class: 'error', key: 'error', role: 'alert', 'data-test': `${test}-error` }, icon('warn'), error) : null,
    h('div', { class: 'composer-box', key: 'box' },
      h('textarea', { key, rows: 1, class: 'composer-text', 'data-test': test, 'data-key': test, placeholder: label, 'aria-label': label, autocomplete: 'off',
        'aria-describedby': text.startsWith('/') ? `${test}-hint` : null, prop: { value: text },
        on: { input: (e) => write(key, e.target), keydown: (e) => keys(e, key, thread) } }),
      h('button', { type: 'button', class: 'send', key: 'send', 'data-test': `${test}-send`, 'aria-label': 'Send', 'aria-disabled': text.trim() ? null : 'true',
        on: { click: () => send(key, thread) } }, icon('send'))),
    thread ? null : h('div', { class: 'typing quiet', key: 'typing' }, typists().length ? `${typists().join(', ')} is typing…` : ''))
}

function commands() {
  return (store.data.commands || []).map((c) => (typeof c === 'string' ? { name: c } : { name: c.command || c.name, ...c }))
}

function hint(text, thread, test) {
  if (!text.startsWith('/')) return null
  const word = text.split(/\s/)[0]
  const known = commands().filter((c) => c.name.startsWith(word) || word.startsWith(c.name))
  return h('div', { class: 'command-hint', key: 'hint', id: `${test}-hint`, 'data-test': `${test}-hint` },
    thread ? 'Commands do not work inside threads.'
      : known.length ? known.map((c) => h('span', { class: 'command', key: c.name }, h('kbd', null, c.name), ` ${c.usage_hint || c.description || 'Enter sends the command to the app; nobody else sees it.'}`))
        : [h('kbd', { key: 'kbd' }, '/'), ' A command goes to the app, nobody else sees it. Enter sends.'])
}

function write(key, box) {
  store.drafts.set(key, box.value)
  store.sendErrors.delete(key)
  changed()
}

function keys(e, key, thread) {
  if (e.key !== 'Enter' || e.shiftKey || e.isComposing) return
  e.preventDefault()
  send(key, thread)
}

async function send(key, thread) {
  const text = store.drafts.get(key) || ''
  if (!text.trim()) return
  store.drafts.delete(key)
  store.sendErrors.delete(key)
  changed()
  toEnd()
  const answer = await act('say', { channel: store.channel, text, ...(thread ? { thread_ts: thread } : {}) })
  if (answer.ok) return
  if (!store.drafts.get(key)) store.drafts.set(key, text) // nothing that was typed gets lost
  store.sendErrors.set(key, answer.error || 'This could not be sent.')
  changed()
}

function toEnd() {
  for (const list of document.querySelectorAll('[data-scroll]')) list.scrollTop = list.scrollHeight
}

/** fit makes every writing field as tall as its text. */
export function fit() {
  for (const box of document.querySelectorAll('.composer-text')) {
    if (box._fitted === box.value) continue
    box._fitted = box.value
    box.style.setProperty('height', 'auto')
    box.style.setProperty('height', `${Math.min(box.scrollHeight, 200)}px`)
  }
}
