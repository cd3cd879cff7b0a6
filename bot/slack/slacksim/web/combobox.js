// A text field that offers options while one types: for every kind of select. Keyboard and roles follow the combobox
// pattern of the ARIA authoring practices (list autocomplete, focus stays in the field).
import { h, cls } from './dom.js'
import { changed } from './store.js'
import { plain, rich } from './text.js'
import { icon } from './icons.js'

const open = new Map() // field id -> {query, active, groups, state, seq, asked}
const LIMIT = 100

/**
 * combobox shows a field. It takes {id, test, label, value: {text}|null, placeholder, minQuery, clearable, busy, describedby,
 * invalid, source: async (query) => groups, pick: (option|null) => void}; groups are [{label, options}].
 */
export function combobox(f) {
  const st = open.get(f.id)
  const listID = `list-${f.id}`
  const options = st ? flat(st) : []
  const active = st && options[st.active]
  return h('div', { class: 'combo', key: f.id },
    h('input', {
      type: 'text', role: 'combobox', class: cls('field', f.invalid && 'invalid'), id: f.id, 'data-test': f.test, 'data-key': f.id,
      autocomplete: 'off', spellcheck: 'false', placeholder: f.placeholder, 'aria-label': f.label,
      'aria-expanded': st ? 'true' : 'false', 'aria-controls': listID, 'aria-autocomplete': 'list', 'aria-haspopup': 'listbox',
      'aria-activedescendant': active ? `${listID}-${st.active}` : null, 'aria-invalid': f.invalid ? 'true' : null,
      'aria-describedby': f.describedby || null, 'aria-required': f.required ? 'true' : null, 'aria-busy': f.busy ? 'true' : null,
      prop: { value: st && st.query !== null ? st.query : f.value ? plain(f.value.text) : '' },
      on: {
        click: () => show(f), blur: () => leave(f), keydown: (e) => keys(f, e),
        input: (e) => show(f, e.target.value),
      },
    }),
    f.clearable && f.value && !st
      ? h('button', { type: 'button', class: 'combo-clear', key: 'clear', 'aria-label': `Clear ${f.label}`, on: { click: () => f.pick(null) } }, icon('close'))
      : h('span', { class: 'combo-arrow', key: 'arrow' }, icon('down')),
    st && popup(f, st, listID))
}

function popup(f, st, listID) {
  const box = h('div', { class: 'combo-list', role: 'listbox', id: listID, key: 'list', 'aria-label': f.label, 'data-test': `options-${f.id}`,
    on: { mousedown: (e) => e.preventDefault() } })
  let n = 0
  for (const group of st.groups) {
    if (group.label) box.kids.push(h('div', { class: 'combo-group', role: 'presentation', key: `g${n}` }, plain(group.label)))
    for (const option of group.options) box.kids.push(row(f, st, option, `${listID}-${n}`, n++))
  }
  if (st.note) box.kids.push(h('div', { class: 'combo-note', role: 'status', key: 'note' }, st.note))
  return box
}

function row(f, st, option, id, n) {
  const chosen = f.value && f.value.value === option.value
  return h('div', {
    class: cls('option', n === st.active && 'active'), role: 'option', id, key: `o${n}`, 'aria-selected': chosen ? 'true' : 'false',
    'data-test': `option-${option.value}`, on: { click: () => choose(f, option), mousemove: () => move(f, n) },
  },
  h('span', { class: 'option-tick', key: 'tick' }, chosen ? icon('check') : null),
  h('span', { class: 'option-words', key: 'words' },
    rich(option.text, 'option-text', 'span'), option.description ? rich(option.description, 'option-more', 'span') : null))
}

const flat = (st) => st.groups.flatMap((g) => g.options)

function move(f, n) {
  const st = open.get(f.id)
  if (st && st.active !== n) { st.active = n; changed() }
}

// show opens the list, or asks again when the query changed.
async function show(f, query = null) {
  const st = open.get(f.id) || { query: null, active: -1, groups: [], note: '', seq: 0 }
  if (open.has(f.id) && query === null) return
  st.query = query
  st.typed = st.typed || query !== null
  const seq = ++st.seq
  open.set(f.id, st)
  const asked = query || ''
  if ([...asked].length < (f.minQuery || 0)) {
    Object.assign(st, { groups: [], active: -1, note: `Type at least ${f.minQuery} characters.` })
    return changed()
  }
  if (st.groups.length === 0) st.note = 'Searching…'
  changed()
  const groups = await f.source(asked)
  if (open.get(f.id) !== st || st.seq !== seq) return // closed or overtaken
  fill(f, st, groups)
  changed()
  reveal(f)
}

function fill(f, st, groups) {
  let room = LIMIT
  st.groups = []
  for (const group of groups) {
    const options = group.options.slice(0, room)
    room -= options.length
    if (options.length) st.groups.push({ label: group.label, options })
  }
  const options = flat(st)
  const at = f.value ? options.findIndex((o) => o.value === f.value.value) : -1
  st.active = options.length === 0 ? -1 : st.typed ? 0 : Math.max(0, at)
  st.note = options.length === 0 ? 'Nothing found.' : ''
}

function choose(f, option) {
  open.delete(f.id)
  f.pick(option)
  changed()
}

function leave(f) {
  const st = open.get(f.id)
  if (!st) return
  open.delete(f.id)
  if (st.query === '' && f.clearable && f.value) f.pick(null)
  changed()
}

function keys(f, e) {
  const st = open.get(f.id)
  const options = st ? flat(st) : []
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[e.key]
  if (step && !e.altKey) {
    e.preventDefault()
    if (!st) return show(f)
    if (options.length === 0) return
    st.active = Math.abs(step) === 1 ? (st.active + step + options.length) % options.length
      : Math.min(options.length - 1, Math.max(0, st.active + step))
    changed()
    return reveal(f)
  }
  if (e.key === 'Enter') {
    e.preventDefault()
    if (st && options[st.active]) choose(f, options[st.active])
    else if (!st) show(f)
  } else if (e.key === 'Escape' && st) {
    e.stopPropagation()
    open.delete(f.id)
    changed()
  } else if (e.key === 'Tab' && st && st.typed && st.query && options[st.active]) choose(f, options[st.active])
}

function reveal(f) {
  const el = document.querySelector(`#${CSS.escape(`list-${f.id}`)} .active`)
  if (el) el.scrollIntoView({ block: 'nearest' })
}

/** place puts the open lists next to their fields: they lie above whatever scrolls or clips. */
export function place() {
  for (const list of document.querySelectorAll('.combo-list')) {
    const field = list.parentElement.querySelector('input').getBoundingClientRect()
    const below = innerHeight - field.bottom - 12
    const above = field.top - 12
    const up = below < 180 && above > below
    const style = { left: `${field.left}px`, width: `${field.width}px`, 'max-height': `${Math.min(280, up ? above : below)}px`,
      top: up ? 'auto' : `${field.bottom + 4}px`, bottom: up ? `${innerHeight - field.top + 4}px` : 'auto' }
    for (const name in style) list.style.setProperty(name, style[name])
  }
}
