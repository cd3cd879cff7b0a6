// The middle of the page: the open conversation or an app's home, and a thread beside it.
import { h, cls } from './dom.js'
import { store, changed, open, channel, person } from './store.js'
import { channelTitle, appOf, isBot, face, badges } from './text.js'
import { blocks } from './blocks.js'
import { channelMessages, threadMessages } from './messages.js'
import { composer } from './composer.js'
import { panels } from './aside.js'
import { go } from './sidebar.js'
import { icon } from './icons.js'

export function conversation() {
  const c = channel(store.channel)
  if (!c) return h('main', { class: 'middle', key: 'middle' }, h('p', { class: 'quiet pad' }, 'There is no conversation that you can see.'))
  const home = c.kind === 'home'
  const threaded = store.thread && !home
  return h('main', { class: cls('middle', threaded && 'with-thread'), key: 'middle' },
    store.online ? null : h('div', { class: 'offline', key: 'offline', role: 'status' }, icon('warn'), 'The connection to the simulator is lost. Trying again…'),
    h('div', { class: 'columns', key: 'columns' },
      h('section', { class: 'column', key: 'channel', 'aria-label': channelTitle(c) },
        heading(c), home ? homeView() : channelMessages(c.id), home ? null : composer()),
      threaded ? thread(c) : null),
    panels())
}

function heading(c) {
  const app = c.kind === 'home' || (c.kind === 'im' && isBot(person(c.with)))
  const who = c.kind === 'im' ? person(c.with) : null
  return h('header', { class: 'heading', key: 'heading' },
    app ? face({ ...appOf(c), bot: true }, 'small') : who ? face(who, 'small') : icon(c.kind === 'private' ? 'lock' : 'hash'),
    h('h1', { key: 'title', 'data-test': 'title' }, app ? appOf(c).real_name || c.name : channelTitle(c)),
    who && !app ? badges(who) : null,
    app ? h('span', { class: 'badge app', key: 'app' }, 'App') : null,
    c.shared ? h('span', { class: 'badge shared', key: 'shared' }, icon('shared'), 'Shared with another company') : null,
    app ? tabs(c) : null)
}

function tabs(c) {
  const list = store.data.channels || []
  const id = appOf(c).id
  const find = (kind) => list.find((x) => x.kind === kind && appOf(x).id === id)
  const tab = (words, x) => x && h('button', { type: 'button', key: words, class: cls('tab', x.id === c.id && 'on'), 'aria-current': x.id === c.id ? 'page' : null,
    'data-test': `tab-${words.toLowerCase()}`, on: { click: () => go(x) } }, words)
  return h('div', { class: 'tabs', key: 'tabs' }, tab('Home', find('home')), tab('Messages', find('im')))
}

function homeView() {
  const view = store.data.home
  return h('div', { class: 'scroller home', key: 'home', 'data-test': 'home' },
    view ? h('div', { class: 'home-page blocks' }, blocks({ view, pending: view.pending }, view.blocks))
      : h('p', { class: 'quiet' }, 'This app has not put anything on its home page yet.'))
}

function thread(c) {
  return h('aside', { class: 'column thread', key: `thread-${store.thread}`, 'aria-label': 'Thread', 'data-test': 'thread' },
    h('header', { class: 'heading' }, h('h1', null, 'Thread'), h('span', { class: 'quiet' }, c.kind === 'im' ? channelTitle(c) : `#${c.name}`),
      h('button', { type: 'button', class: 'tool last', 'aria-label': 'Close the thread', 'data-test': 'thread-close', on: { click: closeThread } }, icon('close'))),
    threadMessages(c.id, store.thread), composer(store.thread))
}

/** closeThread puts the thread away and goes back to the message that it hangs on. */
export function closeThread() {
  const ts = store.thread
  open(store.channel)
  const at = document.querySelector(`[data-test="messages"] [data-ts="${CSS.escape(ts)}"]`)
  if (at) at.focus()
  changed()
}
