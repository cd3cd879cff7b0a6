// What this window's person has read. The simulator counts for itself where it can; the browser remembers how far each
// person got in each conversation, so that two windows agree.
import { store, messages, me } from './store.js'
import { author } from './text.js'

const lines = new Map() // conversation -> ts of the first message that was unread when it was opened
let shown = ''

const place = () => `slacksim.read.${(store.data.team || {}).id || ''}.${store.as}`

function readUpTo() {
  try {
    return JSON.parse(localStorage.getItem(place()) || '{}')
  } catch {
    return {}
  }
}

const mine = (m) => { const self = me(); return self && author(m).id === self.id }

/** unreadIn counts what is new in a conversation. */
export function unreadIn(c) {
  if (c.kind === 'home' || !store.data) return 0
  if (c.id === store.channel && document.visibilityState === 'visible') return 0
  const upTo = readUpTo()[c.id] || ''
  if (upTo === '' && c.unread !== undefined) return c.unread
  return messages(c.id).filter((m) => m.ts > upTo && !mine(m) && !m.ephemeral).length
}

/** firstUnread is the message above which the "New" line stands in the open conversation, or ''. */
export const firstUnread = (channelID) => lines.get(`${store.as}/${channelID}`) || ''

/** markRead notes that the open conversation has been seen up to its end. */
export function markRead() {
  if (!store.data || !store.channel || document.visibilityState !== 'visible') return
  const list = messages(store.channel)
  const key = `${store.as}/${store.channel}`
  const read = readUpTo()
  const upTo = read[store.channel] || ''
  const fresh = list.filter((m) => m.ts > upTo && !mine(m))
  if (key !== shown) {
    shown = key
    lines.delete(key)
    if (upTo !== '' && fresh.length) lines.set(key, fresh[0].ts)
  }
  const last = list.length ? list[list.length - 1].ts : ''
  if (last <= upTo) return
  read[store.channel] = last
  try {
    localStorage.setItem(place(), JSON.stringify(read))
  } catch { /* no storage: everything stays new, nothing breaks */ }
}
