// Texts, names, times and faces.
import { h } from './dom.js'
import { store, person } from './store.js'
import { emoji } from './emoji.js'

/** plain gives the bare words of a text object or string. */
export const plain = (t) => (t && typeof t === 'object' ? t.text : t) || ''

/** rich shows a text object: as the server rendered it, or, without that, as bare words. */
export function rich(t, className, tag = 'div', more = {}) {
  if (!t) return null
  if (typeof t === 'object' && typeof t.html === 'string') {
    return h(tag, { class: className, html: t.html, 'data-verbatim': t.type === 'plain_text' && t.emoji === false, ...more })
  }
  return h(tag, { class: className, ...more }, plain(t))
}

/** nameOf is how somebody is called in a conversation. */
export const nameOf = (p) => (p ? p.real_name || p.name || p.id : 'Somebody')

const FLAGS = {
  guest: 'Guest', restricted: 'Guest', is_restricted: 'Guest',
  single_channel_guest: 'Single-channel guest', ultra_restricted: 'Single-channel guest', is_ultra_restricted: 'Single-channel guest',
  stranger: 'Other company', is_stranger: 'Other company', other_company: 'Other company', external: 'Other company',
  bot: 'App', is_bot: 'App', deleted: 'Deactivated', deactivated: 'Deactivated', invited: 'Invited', is_invited: 'Invited',
  is_invited_user: 'Invited', email_unconfirmed: 'Mail unconfirmed', unconfirmed: 'Mail unconfirmed',
}

/** labels are the words for a person's flags. */
export const labels = (p) => [...new Set(((p && p.flags) || []).map((f) => FLAGS[f] || f.replace(/_/g, ' ')))]
export const isBot = (p) => labels(p).includes('App')

/** badges show a person's flags as words, never as a colour alone. */
export const badges = (p) => labels(p).map((label) => h('span', { class: 'badge', key: label }, label))

const CALM = ['#35618e', '#8a4b08', '#4b6b1f', '#7a3e83', '#0f6a66', '#9a3412', '#4a4fb0', '#6b5b12']

function colourOf(p) {
  if (p && /^#?[0-9a-f]{6}$/i.test(p.color || '')) return p.color.startsWith('#') ? p.color : `#${p.color}`
  let sum = 0
  for (const c of (p && (p.id || p.name)) || '?') sum = (sum * 31 + c.codePointAt(0)) >>> 0
  return CALM[sum % CALM.length]
}

// Dark letters on a light face and light ones on a dark face, whichever reads better.
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.3 ? '#111' : '#fff'
}

export const personColour = (p) => colourOf(p)

/** face is a person's or app's picture: initials on their colour. */
export function face(p, size = '') {
  const colour = colourOf(p)
  const initials = (p && p.initials) || nameOf(p).split(/\s+/).map((w) => [...w][0]).slice(0, 2).join('').toUpperCase()
  const bot = p && (p.bot || isBot(p))
  return h('span', { class: `face ${size} ${bot ? 'face-app' : ''}`, 'aria-hidden': 'true',
    style: { '--face': colour, '--ink': inkOn(colour) } }, initials)
}

/** author tells who wrote a message. */
export function author(m) {
  if (m.bot && (m.bot.id || m.bot.name)) return { ...person(m.bot.id), ...m.bot, bot: true, real_name: m.bot.name, initials: initialsOf(m.bot) }
  return person(m.user) || { id: m.user, name: m.user }
}

function initialsOf(bot) {
  const icon = bot.icon || ''
  if (/^:[a-z0-9_+-]+:$/.test(icon)) return emoji(icon.slice(1, -1))
  return [...(bot.name || '?')].slice(0, 1).join('').toUpperCase()
}

const dateOf = (ts) => new Date(Number(ts) * 1000)
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })

/** time shows a message's time of day, with the whole date as a hint. */
export function time(ts) {
  const d = dateOf(ts)
  if (Number.isNaN(d.getTime())) return null
  return h('time', { class: 'time', key: 'time', datetime: d.toISOString(), title: FULL.format(d) }, CLOCK.format(d))
}

/** dayOf names a message's day, as this reader's calendar has it. */
export function dayOf(ts) {
  const d = dateOf(ts)
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(d).setHours(0, 0, 0, 0)) / 86400000)
  if (days === 0) return 'Today'
  return days === 1 ? 'Yesterday' : DAY.format(d)
}

/** count words a number of things. */
export const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

/** channelTitle is how a conversation is called. */
export function channelTitle(c) {
  if (!c) return ''
  if (c.kind === 'im') return nameOf(person(c.with) || { name: c.name })
  return c.name
}

/** appOf finds the person behind an App Home or a direct message with an app. */
export function appOf(c) {
  const p = person(c.with) || ((store.data && store.data.people) || []).find((x) => isBot(x) && x.name === c.name)
  return p || { id: c.id, name: c.name, real_name: c.name, flags: ['bot'] }
}
