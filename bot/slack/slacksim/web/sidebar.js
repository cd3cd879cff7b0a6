// The left column: who one is, and where one can go.
import { h, cls } from './dom.js'
import { store, changed, open, become, act, person, me } from './store.js'
import { face, nameOf, badges, channelTitle, appOf, isBot, personColour } from './text.js'
import { icon } from './icons.js'
import { unreadIn } from './unread.js'

export function sidebar() {
  const list = store.data.channels || []
  const rooms = list.filter((c) => c.kind === 'channel' || c.kind === 'private')
  const homes = list.filter((c) => c.kind === 'home')
  const ims = list.filter((c) => c.kind === 'im' && !isApp(c))
  const lone = list.filter((c) => c.kind === 'im' && isApp(c) && !homes.some((x) => appOf(x).id === appOf(c).id))
  return h('nav', { class: 'sidebar', 'aria-label': 'Workspace' },
    h('div', { class: 'workspace', key: 'workspace' }, h('span', { class: 'workspace-mark', 'aria-hidden': 'true' }, mark()), h('span', { class: 'workspace-name', 'data-test': 'workspace' }, (store.data.team || {}).name)),
    switcher(),
    h('div', { class: 'places', key: 'places' },
      group('Channels', rooms.map((c) => place(c, `channel-${c.name}`, roomIcon(c)))),
      group('Direct messages', ims.map((c) => place(c, `dm-${(person(c.with) || c).name}`, face(person(c.with) || { name: c.name }, 'small')))),
      group('Apps', [...homes, ...lone].map((c) => app(c, list)))),
    h('p', { class: 'about', key: 'about' }, 'A simulated workspace on this computer. Nothing leaves it.'))
}

const mark = () => [...((store.data.team || {}).name || '?')][0].toUpperCase()
const isApp = (c) => Boolean(c.with) && isBot(person(c.with))
const roomIcon = (c) => icon(c.kind === 'private' ? 'lock' : 'hash')

function group(title, rows) {
  if (rows.length === 0) return null
  return h('section', { key: title, 'aria-label': title }, h('h2', null, title), h('ul', null, rows))
}

function place(c, test, picture, on = store.channel === c.id, unread = unreadIn(c)) {
  return h('li', { key: c.id }, h('button', {
    type: 'button', class: cls('place', on && 'on', unread > 0 && 'fresh'), 'data-test': test, 'data-channel': c.id, 'aria-current': on ? 'page' : null,
    on: { click: () => go(c) },
  },
  picture, h('span', { class: 'place-name', key: 'name' }, channelTitle(c)),
  c.shared ? h('span', { class: 'badge shared', key: 'shared', title: 'Shared with another company' }, icon('shared'), 'shared') : null,
  unread > 0 ? h('span', { class: 'unread', key: 'unread', 'data-test': `unread-${channelTitle(c)}`, 'aria-label': `${unread} unread` }, String(unread)) : null))
}

function app(c, list) {
  const who = appOf(c)
  const twin = list.find((x) => x.kind === 'im' && appOf(x).id === who.id)
  const on = store.channel === c.id || Boolean(twin && store.channel === twin.id)
  return place(c, `app-${who.name}`, face({ ...who, bot: true }, 'small'), on, twin ? unreadIn(twin) : 0)
}

/** go opens a conversation and lets one write there at once. */
export function go(c) {
  open(c.id)
  if (c.kind === 'home') act('open_home', { channel: c.id })
  const box = document.querySelector('[data-test="composer"]')
  if (box) box.focus({ preventScroll: true })
}

function switcher() {
  const self = me() || { id: store.as, name: store.as }
  const isOpen = store.menu === 'as'
  return h('div', { class: 'switcher', key: 'switcher', style: { '--mine': personColour(self) } },
    h('button', { type: 'button', class: 'as', 'data-test': 'as-switch', 'data-menu': 'as', 'aria-haspopup': 'menu', 'aria-expanded': isOpen ? 'true' : 'false', 'data-user': self.id,
      on: { click: () => { store.menu = isOpen ? '' : 'as'; changed(); if (!isOpen) focusChosen() }, keydown: (e) => { if (e.key === 'ArrowDown') e.target.click() } } },
    face(self), h('span', { class: 'as-words' }, h('span', { class: 'as-label' }, 'You are:'), h('span', { class: 'as-name', 'data-test': 'as-name' }, nameOf(self)),
      h('span', { class: 'as-badges' }, badges(self))), icon('down')),
    isOpen && h('div', { class: 'menu people', role: 'menu', key: 'menu', 'aria-label': 'Who you are', 'data-test': 'as-menu', 'data-menu-list': 'as' },
      (store.data.people || []).filter((p) => !isBot(p)).map((p) => someone(p, p.id === self.id))))
}

function focusChosen() {
  const at = document.querySelector('[data-menu-list="as"] [aria-checked="true"]')
  if (at) at.focus()
}

function someone(p, on) {
  return h('button', { type: 'button', class: cls('menu-item', on && 'on'), key: p.id, role: 'menuitemradio', 'aria-checked': on ? 'true' : 'false', 'data-test': `as-${p.name}`, 'data-user': p.id,
    on: { click: () => choose(p.id) } },
  face(p), h('span', { class: 'person' }, h('span', { class: 'person-name' }, nameOf(p), ' ', badges(p)), h('span', { class: 'quiet' }, p.title || p.email || p.name)),
  on ? icon('check') : null)
}

function choose(id) {
  become(id)
  const button = document.querySelector('[data-test="as-switch"]')
  if (button) button.focus()
}
