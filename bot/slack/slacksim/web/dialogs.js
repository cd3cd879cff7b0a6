// Forms (modals) and the questions before a press. The topmost has the keyboard: Tab stays in it, Escape closes it, and
// what had the focus before gets it back.
import { h, cls, focusables } from './dom.js'
import { store, changed, act, notice } from './store.js'
import { plain, rich } from './text.js'
import { blocks } from './blocks.js'
import { check, collect, holdsValue, forget } from './form.js'
import { icon } from './icons.js'

const views = () => (store.data && store.data.views) || []

/** dialogs shows every open form, the lower ones hidden, and the question on top. */
export function dialogs() {
  const list = views()
  forget(new Set(list.map((v) => v.id)))
  const q = store.confirm
  return [list.map((v, i) => modal(v, i, list.length, Boolean(q))), q ? question(q) : null]
}

export const anyOpen = () => Boolean(store.confirm) || views().length > 0

function modal(view, i, depth, covered) {
  const top = i === depth - 1
  const title = `modal-title-${view.id}`
  const busy = isBusy(view)
  return h('div', { class: cls('veil', 'veil-modal'), key: `view:${view.id}`, 'data-dialog': `view:${view.id}`, hidden: !top, inert: !top || covered },
    h('div', { class: 'dialog modal', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': title, tabindex: -1, 'data-test': top ? 'modal' : 'modal-below', 'data-view': view.id,
      'data-callback': view.callback_id, 'aria-busy': busy ? 'true' : null, on: { keydown: (e) => keys(e, view) } },
    h('header', { class: 'dialog-head', key: 'head' },
      depth > 1 ? h('button', { type: 'button', class: 'tool', key: 'back', 'aria-label': 'Back', 'data-test': 'modal-back', on: { click: () => close(view) } }, icon('back')) : null,
      h('h2', { id: title, key: 'title', 'data-test': 'modal-title' }, plain(view.title)),
      h('button', { type: 'button', class: 'tool', key: 'x', 'aria-label': 'Close', 'data-test': 'modal-x', on: { click: () => close(view) } }, icon('close'))),
    h('div', { class: 'dialog-body blocks', key: 'body' }, blocks({ view, pending: view.pending }, view.blocks)),
    foot(view, busy)))
}

const isBusy = (view) => Boolean(view.busy) || store.inflight.has(`submit/${view.id}`)

function foot(view, busy) {
  const needs = Boolean(plain(view.submit))
  return h('footer', { class: 'dialog-foot', key: 'foot' },
    h('button', { type: 'button', class: 'button', key: 'close', 'data-test': 'modal-close', on: { click: () => close(view) } }, plain(view.close) || (needs ? 'Cancel' : 'Close')),
    needs ? h('button', { type: 'button', class: cls('button primary', busy && 'busy'), key: 'submit', 'data-test': 'modal-submit', 'aria-busy': busy ? 'true' : null, 'aria-disabled': busy ? 'true' : null,
      on: { click: () => submit(view) } }, busy ? h('span', { class: 'spinner', key: 'spin', 'aria-hidden': 'true' }) : null, h('span', { key: 'words' }, plain(view.submit) || 'Submit')) : null)
}

// Enter in a one-line field sends the form, as does Ctrl+Enter anywhere in it.
function keys(e, view) {
  if (e.key !== 'Enter' || e.defaultPrevented || e.isComposing) return
  const plainField = e.target.tagName === 'INPUT' && !['checkbox', 'radio'].includes(e.target.type)
  if (!e.ctrlKey && !e.metaKey && !plainField) return
  e.preventDefault()
  const block = (view.blocks || []).find((b) => b.element && b.dispatch_action && e.target.dataset.test === `input-${b.block_id}`)
  if (!block || e.ctrlKey) submit(view)
}

async function submit(view) {
  if (isBusy(view)) return
  if (check(view)) { changed(); return toFault(view) }
  const id = `submit/${view.id}`
  store.inflight.add(id)
  changed()
  const answer = await act('submit', { view_id: view.id, values: collect(view) })
  store.inflight.delete(id)
  if (!answer.ok) notice(answer.error || 'This form could not be sent.')
  changed()
}

async function close(view) {
  const answer = await act('close', { view_id: view.id })
  if (!answer.ok) notice(answer.error || 'This form could not be closed.')
}

function question(q) {
  return h('div', { class: 'veil veil-confirm', key: 'confirm', 'data-dialog': 'confirm' },
    h('div', { class: 'dialog confirm', role: 'alertdialog', 'aria-modal': 'true', 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-text', tabindex: -1, 'data-test': 'confirm' },
      h('header', { class: 'dialog-head' }, h('h2', { id: 'confirm-title' }, plain(q.title) || 'Are you sure?')),
      rich(q.text, 'dialog-body text', 'div', { id: 'confirm-text' }),
      h('footer', { class: 'dialog-foot' },
        h('button', { type: 'button', class: 'button', 'data-test': 'confirm-deny', on: { click: () => q.answer(false) } }, plain(q.deny) || 'Cancel'),
        h('button', { type: 'button', class: cls('button', q.style || 'primary'), 'data-test': 'confirm-ok', on: { click: () => q.answer(true) } }, plain(q.confirm) || 'Yes'))))
}

/** escape closes what is on top; it tells whether anything was. */
export function escape() {
  if (store.confirm) { store.confirm.answer(false); return true }
  const list = views()
  if (list.length === 0) return false
  close(list[list.length - 1])
  return true
}

let stack = [] // [{id, back}]: open dialogs, and what had the focus before each

/** moveFocus follows the dialogs that came and went in this drawing; before is what had the focus ahead of it. */
export function moveFocus(before) {
  const now = [...document.querySelectorAll('[data-dialog]')].map((el) => el.dataset.dialog)
  const was = stack
  const kept = was.filter((d) => now.includes(d.id))
  const gone = was.find((d) => !now.includes(d.id))
  const remembered = before && before !== document.body ? { el: before, key: before.dataset.key || '', test: before.dataset.test || '' } : null
  stack = now.map((id) => kept.find((d) => d.id === id) || { id, back: gone ? gone.back : remembered })
  const top = now[now.length - 1]
  if (top !== undefined && !kept.some((d) => d.id === top)) return enterDialog(top)
  if (gone) giveBack(gone.back, top)
  else focusFault()
}

const dialogOf = (id) => document.querySelector(`[data-dialog="${CSS.escape(id)}"]`)

function enterDialog(id) {
  const box = dialogOf(id)
  const view = views().find((v) => `view:${v.id}` === id)
  const first = view ? fieldsOf(box)[0] : box.querySelector(store.confirm.style === 'danger' ? '[data-test="confirm-deny"]' : '[data-test="confirm-ok"]')
  const asked = view && (view.blocks || []).find((b) => b.element && b.element.focus_on_load)
  const target = (asked && box.querySelector(`[data-test="${CSS.escape(`input-${asked.block_id}`)}"]`)) || first || box.querySelector('[data-test="modal-submit"]') || box.querySelector('[role]')
  target.focus()
}

const fieldsOf = (box) => focusables(box).filter((el) => el.closest('.dialog-body'))

function giveBack(back, top) {
  const root = top === undefined ? document : dialogOf(top)
  const same = (name, value) => value && root.querySelector(`[data-${name}="${CSS.escape(value)}"]`)
  const options = back ? [back.el, same('key', back.key), same('test', back.test)] : []
  const last = top === undefined ? document.querySelector('[data-test="composer"]') : fieldsOf(root)[0] || root.querySelector('[role]')
  const target = [...options, last].find((el) => el && el.isConnected && root.contains(el) && !el.closest('[inert],[hidden]'))
  if (target) target.focus()
}

const shownErrors = new Map() // view id -> the app's errors that were last shown

// When the app refuses a form, the first faulty field gets the focus, once.
function focusFault() {
  const view = views()[views().length - 1]
  if (!view || store.confirm) return
  const errors = JSON.stringify(view.errors || {})
  if (shownErrors.get(view.id) === errors) return
  shownErrors.set(view.id, errors)
  if (errors !== '{}') toFault(view)
}

function toFault(view) {
  const block = (view.blocks || []).find((b) => document.querySelector(`[data-test="${CSS.escape(`error-${b.block_id}`)}"]`) && holdsValue(b.element))
  const field = block && document.querySelector(`[data-view="${CSS.escape(view.id)}"] [data-test="${CSS.escape(`input-${block.block_id}`)}"]`)
  if (!field) return
  const target = field.matches('input,textarea') ? field : field.querySelector('input')
  if (target) target.focus()
}

/** trap keeps Tab inside the topmost dialog and the warnings beside it, which stay reachable. */
export function trap(e) {
  if (e.key !== 'Tab' || !anyOpen()) return
  const all = document.querySelectorAll('[data-dialog]')
  const ring = [...focusables(all[all.length - 1]), ...focusables(document.getElementById('toasts'))]
  if (ring.length === 0) return e.preventDefault()
  const at = ring.indexOf(document.activeElement)
  const next = e.shiftKey ? (at <= 0 ? ring.length - 1 : at - 1) : (at + 1) % ring.length
  const edge = at === -1 || (e.shiftKey ? next > at : next < at)
  if (!edge && document.activeElement.tagName === 'INPUT' && /date|time/.test(document.activeElement.type)) return // has parts of its own
  if (!edge && document.activeElement.type === 'radio') return
  e.preventDefault()
  ring[next].focus()
}
