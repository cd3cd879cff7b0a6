// The page: draws what the store holds, and minds what spans all of it: keys, focus, scrolling, announcements.
import { h, patch, focusables } from './dom.js'
import { store, onChange, changed, start, channel, me, messages, replies } from './store.js'
import { channelTitle, nameOf, author } from './text.js'
import { sidebar } from './sidebar.js'
import { conversation, closeThread } from './conversation.js'
import { dialogs, anyOpen, escape, moveFocus, trap } from './dialogs.js'
import { toasts } from './aside.js'
import { place } from './combobox.js'
import { fit } from './composer.js'
import { keepOneReachable } from './messages.js'
import { markRead, unreadIn } from './unread.js'

const at = (id) => document.getElementById(id)

function draw() {
  const before = document.activeElement
  const around = before && before.closest('[data-message]')
  const ends = scrolledToEnd()
  if (store.data) markRead()
  patch(at('app'), store.data ? page() : waiting())
  patch(at('dialogs'), store.data ? dialogs() : [])
  patch(at('toasts'), toasts())
  at('app').inert = anyOpen()
  moveFocus(before)
  keepNear(around)
  place()
  fit()
  keepOneReachable()
  keepAtEnd(ends)
  announce()
  title()
  document.documentElement.dataset.ready = store.data ? store.as : ''
}

const page = () => [
  h('a', { class: 'skip', key: 'skip', href: '#composer', on: { click: skip } }, 'Skip to the message field'),
  h('div', { class: 'layout', key: 'layout' }, sidebar(), conversation()),
]

// A button that its app takes away while it has the focus leaves the focus on its message.
function keepNear(around) {
  if (around && around.isConnected && document.activeElement === document.body && !anyOpen()) around.focus({ preventScroll: true })
}

function waiting() {
  return h('div', { class: 'waiting', key: 'waiting', role: 'status' }, store.failure || 'Loading the workspace…')
}

function skip(e) {
  e.preventDefault()
  const box = document.querySelector('[data-test="composer"]') || document.querySelector('.scroller')
  if (box) box.focus()
}

// A list that shows its end goes on showing its end; one that was scrolled up stays where it is.
function scrolledToEnd() {
  const ends = new Map()
  for (const list of document.querySelectorAll('[data-scroll]')) ends.set(list.dataset.scroll, list.scrollHeight - list.scrollTop - list.clientHeight < 60)
  return ends
}

function keepAtEnd(ends) {
  for (const list of document.querySelectorAll('[data-scroll]')) {
    if (ends.get(list.dataset.scroll) !== false) list.scrollTop = list.scrollHeight
  }
}

const heard = { where: '', last: '' }

// New messages of the open conversation are read out; those that were there when it was opened are not.
function announce() {
  if (!store.data) return
  const where = `${store.as}/${store.channel}/${store.thread}`
  const all = [...messages(store.channel), ...replies(store.channel, store.thread)].sort((a, b) => (a.ts < b.ts ? -1 : 1))
  const last = all.length ? all[all.length - 1].ts : ''
  if (heard.where === where && last > heard.last) {
    const self = me()
    const fresh = all.filter((m) => m.ts > heard.last && author(m).id !== (self && self.id))
    for (const m of fresh) say(m)
  }
  Object.assign(heard, { where, last })
}

function say(m) {
  const body = document.querySelector(`[data-ts="${CSS.escape(m.ts)}"] [data-body]`)
  const line = document.createElement('p')
  line.textContent = `${nameOf(author(m))}: ${body ? body.textContent : ''}`
  at('live').append(line)
  while (at('live').childElementCount > 5) at('live').firstElementChild.remove()
}

function title() {
  const unread = ((store.data && store.data.channels) || []).reduce((n, c) => n + unreadIn(c), 0)
  const words = [me() && nameOf(me()), channelTitle(channel(store.channel)), store.data && store.data.team && store.data.team.name]
  document.title = (unread ? `(${unread}) ` : '') + words.filter(Boolean).join(' · ')
}

let enterTaken = false

addEventListener('keydown', (e) => {
  if (e.key === 'Enter' && e.repeat) e.preventDefault() // a held key must not answer a question that it opened
  enterTaken = e.key === 'Enter' && e.defaultPrevented
  trap(e)
  if (store.menu) menuKeys(e)
  else if (e.key === 'Escape' && !e.defaultPrevented && !escape() && store.thread) closeThread()
})

// Drivers and input methods may send the character of a key that was taken; it must not become a line of the next field.
addEventListener('keypress', (e) => { if (enterTaken && e.key === 'Enter') e.preventDefault() }, true)

function menuKeys(e) {
  const opener = document.querySelector(`[data-menu="${CSS.escape(store.menu)}"]`)
  const list = document.querySelector(`[data-menu-list="${CSS.escape(store.menu)}"]`)
  if (e.key === 'Escape' || (e.key === 'Tab' && list)) {
    if (e.key === 'Escape') e.preventDefault()
    store.menu = ''
    changed()
    if (opener && opener.isConnected) opener.focus()
    return
  }
  const items = list ? focusables(list) : []
  const from = items.indexOf(document.activeElement)
  const to = { ArrowDown: (from + 1) % items.length, ArrowUp: (from + items.length - 1 + (from < 0)) % items.length, Home: 0, End: items.length - 1 }[e.key]
  if (to === undefined || !items[to]) return
  e.preventDefault()
  items[to].focus()
}

addEventListener('pointerdown', (e) => {
  if (!store.menu || e.target.closest('[data-menu],[data-menu-list],.toolbar')) return
  store.menu = ''
  changed()
})
addEventListener('resize', place)
addEventListener('scroll', place, true)
document.addEventListener('visibilitychange', changed)

onChange(draw)
draw()
start().then(() => {
  const box = document.querySelector('[data-test="composer"]')
  if (box && !anyOpen() && document.activeElement === document.body) box.focus({ preventScroll: true })
})
