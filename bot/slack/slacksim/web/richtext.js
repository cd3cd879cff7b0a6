// rich_text blocks carry a tree of elements and no markup: they are built here, text by text.
import { h } from './dom.js'
import { person, channel } from './store.js'
import { emoji } from './emoji.js'

/** richText shows a rich_text block. */
export const richText = (block) => h('div', { class: 'rich' }, (block.elements || []).map(part))

function part(el) {
  const kids = (el.elements || []).map(inline)
  switch (el.type) {
    case 'rich_text_section': return h('div', { class: 'rich-line' }, kids)
    case 'rich_text_preformatted': return h('pre', null, kids)
    case 'rich_text_quote': return h('blockquote', null, kids)
    case 'rich_text_list': return list(el)
    default: return h('div', { class: 'unknown' }, `(not shown here: ${el.type})`)
  }
}

function list(el) {
  const items = (el.elements || []).map((item) => h('li', null, (item.elements || []).map(inline)))
  const props = { class: `indent-${Math.min(el.indent || 0, 8)}`, start: el.offset ? el.offset + 1 : null }
  return h(el.style === 'ordered' ? 'ol' : 'ul', props, items)
}

function inline(el) {
  switch (el.type) {
    case 'text': return styled(el, el.text)
    case 'link': return link(el)
    case 'emoji': return h('span', { class: 'emoji', title: `:${el.name}:` }, unicode(el) || emoji(el.name))
    case 'user': return h('span', { class: 'mention' }, `@${(person(el.user_id) || {}).name || el.user_id}`)
    case 'channel': return h('span', { class: 'mention' }, `#${(channel(el.channel_id) || {}).name || el.channel_id}`)
    case 'usergroup': return h('span', { class: 'mention' }, `@${el.usergroup_id}`)
    case 'broadcast': return h('span', { class: 'mention ping' }, `@${el.range}`)
    case 'date': return date(el)
    case 'color': return h('code', null, el.value)
    default: return h('span', { class: 'unknown' }, `(not shown here: ${el.type})`)
  }
}

function styled(el, inner) {
  const s = el.style || {}
  let v = h('span', { class: 'rich-text' }, inner)
  for (const [on, tag] of [[s.bold, 'strong'], [s.italic, 'em'], [s.strike, 's'], [s.underline, 'u'], [s.code, 'code']]) {
    if (on) v = h(tag, null, v)
  }
  return v
}

function link(el) {
  const words = el.text || el.url
  if (!/^(https?|mailto):/i.test(el.url || '')) return styled(el, words)
  return styled(el, h('a', { href: el.url, target: '_blank', rel: 'noopener noreferrer' }, words))
}

function unicode(el) {
  if (!/^[0-9a-f]+(-[0-9a-f]+)*$/i.test(el.unicode || '')) return ''
  return el.unicode.split('-').map((hex) => String.fromCodePoint(parseInt(hex, 16))).join('')
}

const show = (options) => (at) => new Intl.DateTimeFormat(undefined, options).format(at)
const DATES = {
  date_num: (at) => [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((n) => String(n).padStart(2, '0')).join('-'),
  date: show({ dateStyle: 'long' }), date_long: show({ dateStyle: 'full' }), date_short: show({ dateStyle: 'medium' }),
  time: show({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  time_secs: show({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
}

function pretty(at, otherwise) {
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86400000)
  return { '-1': 'Yesterday', 0: 'Today', 1: 'Tomorrow' }[days] || otherwise
}

function date(el) {
  const at = new Date(el.timestamp * 1000)
  if (Number.isNaN(at.getTime())) return h('span', null, el.fallback || '')
  const words = (el.format || '{date_short_pretty} at {time}').replace(/\{(\w+)\}/g, (whole, token) => {
    const plainToken = token.replace(/_pretty$/, '')
    if (!DATES[plainToken]) return whole
    const shown = DATES[plainToken](at)
    return plainToken === token ? shown : pretty(at, shown)
  })
  return h('time', { class: 'date', datetime: at.toISOString() }, words)
}
