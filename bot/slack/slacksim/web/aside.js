// What stands beside the conversation: warnings, and pages of others in panels.
import { h, cls } from './dom.js'
import { store, changed, act } from './store.js'
import { icon } from './icons.js'

/** toasts shows the warnings, until they are dismissed. */
export function toasts() {
  const all = [...((store.data && store.data.warnings) || []), ...store.notices]
  return all.map((w) => h('div', { class: 'toast', key: w.id, role: 'alert', 'data-test': 'toast', 'data-warning': w.id },
    icon('warn'), h('span', { class: 'toast-text' }, w.text),
    h('button', { type: 'button', class: 'tool', 'aria-label': 'Dismiss', 'data-test': 'toast-dismiss', on: { click: () => dismiss(w) } }, icon('close'))))
}

function dismiss(w) {
  store.notices = store.notices.filter((n) => n.id !== w.id)
  if (store.data) store.data.warnings = (store.data.warnings || []).filter((n) => n.id !== w.id)
  changed()
  if (!w.own) act('dismiss', { id: w.id })
}

/** panels shows other pages below the conversation, one at a time; it can be folded away. */
export function panels() {
  const list = store.data.panels || []
  if (list.length === 0) return null
  const at = Math.min(store.panel, list.length - 1)
  return h('section', { class: cls('panels', store.panelOpen && 'unfolded'), key: 'panels', 'aria-label': 'Panels', 'data-test': 'panels' },
    h('div', { class: 'panel-bar', key: 'bar' },
      list.map((p, i) => h('button', { type: 'button', class: cls('panel-tab', store.panelOpen && i === at && 'on'), key: p.url, 'aria-pressed': store.panelOpen && i === at ? 'true' : 'false',
        'data-test': `panel-${i}`, on: { click: () => { store.panelOpen = i !== at || !store.panelOpen; store.panel = i; changed() } } }, icon('panel'), p.title)),
      h('button', { type: 'button', class: 'tool fold', key: 'fold', 'data-test': 'panels-toggle', 'aria-expanded': store.panelOpen ? 'true' : 'false', 'aria-label': store.panelOpen ? 'Fold the panel away' : 'Show the panel',
        on: { click: () => { store.panelOpen = !store.panelOpen; changed() } } }, icon('down'))),
    store.panelOpen ? h('iframe', { class: 'panel-page', key: `page-${list[at].url}`, src: list[at].url, title: list[at].title, 'data-test': 'panel-page' }) : null)
}
