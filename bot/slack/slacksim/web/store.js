// What this window knows: the state last fetched, who one is, which conversation is open. Whatever changes it calls
// changed(), and the page is drawn again.
import * as api from './api.js'

export const store = {
  as: '', channel: '', thread: '', // also in location.hash
  data: null,                      // what the server says this person sees
  online: true,
  failure: '',                     // why there is nothing to show
  drafts: new Map(),               // typed and not yet sent, by conversation
  sendErrors: new Map(),           // why the last sending failed, by conversation
  inflight: new Set(),             // what was pressed or submitted and is not yet answered
  notices: [],                     // this window's own warnings, beside those of the server
  confirm: null,                   // the open question before a press
  menu: '',                        // the open menu's name
  panelOpen: true, panel: 0,
}

let draw = () => {}
let unfollow = () => {}

export const onChange = (fn) => { draw = fn }
export const changed = () => draw()

/** me is the person this window is. */
export const me = () => {
  const id = store.data && store.data.me
  return person((id && id.id) || id)
}
export const person = (id) => (store.data && (store.data.people || []).find((p) => p.id === id)) || null
export const channel = (id) => (store.data && (store.data.channels || []).find((c) => c.id === id)) || null
export const messages = (id) => (store.data && store.data.messages && store.data.messages[id]) || []

/** replies are the answers in a thread, without the message that it hangs on. */
export function replies(channelID, ts) {
  const threads = (store.data && store.data.threads && store.data.threads[channelID]) || {}
  return (threads[ts] || []).filter((m) => m.ts !== ts)
}

function readHash() {
  const p = new URLSearchParams(location.hash.slice(1))
  return { as: p.get('as') || '', channel: p.get('c') || '', thread: p.get('t') || '' }
}

function writeHash() {
  const p = new URLSearchParams()
  if (store.as) p.set('as', store.as)
  if (store.channel) p.set('c', store.channel)
  if (store.thread) p.set('t', store.thread)
  if (location.hash.slice(1) !== p.toString()) history.pushState(null, '', `#${p}`)
}

export const refresh = api.oneAtATime(async () => {
  const as = store.as
  try {
    const data = await api.fetchState(as)
    if (as !== store.as) return void refresh() // somebody else was chosen meanwhile
    store.data = data
    store.failure = ''
    settle()
  } catch (err) {
    store.failure = err.message
  }
  changed()
})

// settle chooses a conversation where none, or one that is gone, is chosen.
function settle() {
  if (!store.as) { store.as = (store.data.me && store.data.me.id) || store.data.me || ''; followChanges() }
  const list = store.data.channels || []
  if (!channel(store.channel)) {
    const first = list.find((c) => c.kind === 'channel' && c.member !== false) || list[0]
    store.channel = first ? first.id : ''
    store.thread = ''
  }
  if (location.hash === '' || readHash().as !== store.as || readHash().channel !== store.channel) {
    const p = new URLSearchParams({ as: store.as, c: store.channel })
    if (store.thread) p.set('t', store.thread)
    history.replaceState(null, '', `#${p}`)
  }
}

function followChanges() {
  unfollow()
  if (!store.as) return
  unfollow = api.follow(store.as, refresh, (ok) => {
    if (store.online !== ok) { store.online = ok; changed() }
  })
}

/** open shows another conversation or thread; both keep their draft. */
export function open(channelID, thread = '') {
  store.channel = channelID
  store.thread = thread
  store.menu = ''
  writeHash()
  changed()
}

/** become makes this window somebody else's. */
export function become(id) {
  store.menu = ''
  if (id === store.as) return changed()
  Object.assign(store, { as: id, data: null, thread: '', notices: [], confirm: null, inflight: new Set() })
  writeHash()
  followChanges()
  changed()
  return refresh()
}

/** start reads the address, and follows it from then on. */
export function start() {
  Object.assign(store, readHash())
  const moved = () => {
    const to = readHash()
    if (to.as && to.as !== store.as) { store.channel = to.channel; become(to.as) }
    Object.assign(store, { channel: to.channel || store.channel, thread: to.thread })
    changed()
  }
  addEventListener('popstate', moved)
  addEventListener('hashchange', moved)
  followChanges()
  return refresh()
}

/** act does something as this person; the answer's error is shown by who calls. */
export async function act(type, fields) {
  const answer = await api.act(store.as, type, fields)
  refresh()
  return answer
}

let noticed = 0
/** notice shows a warning of this window's own. */
export function notice(text) {
  store.notices.push({ id: `own-${++noticed}`, text, own: true })
  changed()
}
