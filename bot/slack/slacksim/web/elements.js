// Interactive elements: buttons and menus that act at once, and fields that hold a value until a form is sent. The same
// select can be either: in an input block it waits, elsewhere it acts.
import { h, cls } from './dom.js'
import { store, changed, act } from './store.js'
import { plain, rich, nameOf } from './text.js'
import { icon } from './icons.js'
import { combobox } from './combobox.js'
import { valueOf, enter, scopeOf, clean, holdsValue } from './form.js'
import { press, waits, where } from './press.js'
import { field } from './fields.js'

/** element shows one element of a block. input tells that it sits in an input block, whose label it then carries. */
export function element(ctx, block, el, input) {
  if (!el) return null
  const at = { ctx, block, el, input, id: idOf(ctx, block, el) }
  if (el.type === 'button' || el.type === 'workflow_button') return button(at)
  if (el.type === 'overflow') return overflow(at)
  if (el.type === 'image') return picture(el)
  if (SELECTS[el.type]) return select(at)
  if (el.type === 'checkboxes' || el.type === 'radio_buttons') return choices(at)
  if (holdsValue(el)) return field(at, decide(at))
  return h('span', { class: 'unknown', key: at.id }, `(not shown here: ${el.type})`)
}

/** idOf names an element's field in this document. */
export const idOf = (ctx, block, el) => [scopeOf(ctx), block.block_id, el.action_id].join('-').replace(/[^A-Za-z0-9_-]/g, '_')

/** picture shows an image's description: pictures of other hosts are never loaded. */
export function picture(el, large) {
  const own = (el.image_url || '').startsWith('/')
  if (own) return h('img', { class: large ? 'picture' : 'thumb', key: 'img', src: el.image_url, alt: el.alt_text || '' })
  return h('span', { class: large ? 'picture missing' : 'thumb missing', key: 'img', role: 'img', 'aria-label': el.alt_text || 'image',
    title: el.alt_text || '' }, icon('image'), large ? h('span', null, el.alt_text || 'image') : null)
}

function button({ ctx, block, el, id }) {
  const busy = waits(ctx, block, el)
  return h('button', {
    type: 'button', key: id, class: cls('button', el.style, busy && 'busy'), 'data-test': `button-${el.action_id}`, 'data-key': id,
    'aria-label': el.accessibility_label || null, 'aria-busy': busy ? 'true' : null, 'aria-disabled': busy ? 'true' : null,
    'aria-haspopup': el.confirm ? 'dialog' : null,
    on: { click: () => press(ctx, block, el, el.value === undefined ? {} : { value: el.value }) },
  }, busy ? h('span', { class: 'spinner', 'aria-hidden': 'true' }) : null, rich(el.text, 'button-text', 'span'))
}

function overflow({ ctx, block, el, id }) {
  const isOpen = store.menu === id
  const pick = (o) => { store.menu = ''; press(ctx, block, el, { selected_option: clean(o) }); changed() }
  return h('span', { class: 'overflow', key: id },
    h('button', { type: 'button', class: 'button', 'data-test': `button-${el.action_id}`, 'data-key': id, 'aria-label': 'More',
      'aria-haspopup': 'menu', 'aria-expanded': isOpen ? 'true' : 'false', 'data-menu': id,
      on: { click: () => { store.menu = isOpen ? '' : id; changed() } } }, icon('dots')),
    isOpen && h('div', { class: 'menu', role: 'menu', key: 'menu', 'data-menu-list': id }, (el.options || []).map((o, i) =>
      h('button', { type: 'button', role: 'menuitem', class: 'menu-item', key: i, 'data-test': `option-${o.value}`, on: { click: () => pick(o) } },
        rich(o.text, '', 'span')))))
}

// decide says what happens to a new value: it is kept, and, outside of forms that wait, sent at once.
function decide({ ctx, block, el, input }) {
  const before = valueOf(ctx, block, el)
  return async (value, { silent } = {}) => {
    enter(ctx, block, el, value)
    changed()
    if (silent || (input && !block.dispatch_action)) return
    if (!(await press(ctx, block, el, value))) { enter(ctx, block, el, before); changed() }
  }
}

const asOption = (value, label, more) => ({ value, text: { type: 'plain_text', text: label }, description: more ? { type: 'plain_text', text: more } : undefined })
const people = () => (store.data.people || []).filter((p) => !(p.flags || []).includes('deleted')).map((p) => asOption(p.id, nameOf(p), p.title))
const rooms = () => (store.data.channels || []).filter((c) => c.kind === 'channel' || c.kind === 'private').map((c) => asOption(c.id, `#${c.name}`))

const SELECTS = {
  static_select: { name: 'selected_option', groups: (el) => el.option_groups || [{ options: el.options || [] }] },
  external_select: { name: 'selected_option', asks: true },
  users_select: { name: 'selected_user', groups: () => [{ options: people() }] },
  channels_select: { name: 'selected_channel', groups: () => [{ options: rooms() }] },
  conversations_select: { name: 'selected_conversation', groups: () => [{ options: rooms() }, { options: people() }] },
}

function select(at) {
  const { ctx, block, el, input, id } = at
  const kind = SELECTS[el.type]
  const whole = kind.name === 'selected_option'
  const value = valueOf(ctx, block, el)[kind.name]
  const chosen = whole ? value : value && (kind.groups(el).flatMap((g) => g.options).find((o) => o.value === value) || asOption(value, value))
  const set = decide(at)
  return combobox({
    id, test: input ? input.test : `select-${el.action_id}`, label: input ? input.label : plain(el.placeholder) || 'Choose',
    placeholder: plain(el.placeholder) || 'Choose…', value: chosen, clearable: Boolean(input && block.optional),
    minQuery: kind.asks ? el.min_query_length ?? 3 : 0, busy: waits(ctx, block, el),
    invalid: input && input.invalid, describedby: input && input.describedby, required: input && !block.optional,
    source: kind.asks ? (query) => suggest(at, query) : (query) => filtered(kind.groups(el), query),
    pick: (o) => set({ [kind.name]: whole ? clean(o) : o && o.value }),
  })
}

function filtered(groups, query) {
  const q = query.trim().toLowerCase()
  return groups.map((g) => ({ label: g.label, options: g.options.filter((o) => `${plain(o.text)} ${plain(o.description)}`.toLowerCase().includes(q)) }))
}

async function suggest({ ctx, block, el }, query) {
  const answer = await act('suggest', { ...where(ctx), block_id: block.block_id, action_id: el.action_id, query })
  return answer.option_groups || [{ options: answer.options || [] }]
}

function choices(at) {
  const { ctx, block, el, input, id } = at
  const many = el.type === 'checkboxes'
  const value = valueOf(ctx, block, el)
  const on = (o) => (many ? value.selected_options.some((c) => c.value === o.value) : Boolean(value.selected_option) && value.selected_option.value === o.value)
  const set = decide(at)
  const toggle = (o, checked) => {
    if (!many) return set({ selected_option: clean(o) })
    return set({ selected_options: el.options.filter((x) => (x.value === o.value ? checked : on(x))).map(clean) })
  }
  return h('div', { class: 'choices', key: id, role: many ? 'group' : 'radiogroup', 'data-test': input ? input.test : `choices-${el.action_id}`,
    'aria-label': input ? input.label : null, 'aria-describedby': (input && input.describedby) || null },
  el.options.map((o, i) => h('label', { class: 'choice', key: i },
    h('input', { type: many ? 'checkbox' : 'radio', name: id, 'data-test': `option-${o.value}`, 'data-key': `${id}-${i}`,
      'aria-invalid': input && input.invalid ? 'true' : null, prop: { checked: on(o) }, on: { change: (e) => toggle(o, e.target.checked) } }),
    h('span', { class: 'choice-words' }, rich(o.text, 'choice-text', 'span'), o.description ? rich(o.description, 'choice-more', 'span') : null))))
}
