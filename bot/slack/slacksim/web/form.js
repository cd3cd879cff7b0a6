// What people have entered and not yet sent. Values live here and not in the document, so that they survive every redraw,
// in the shape that Slack's state.values has.
import { plain } from './text.js'

const entered = new Map() // scope -> Map("block action" -> value object)
const problems = new Map() // view id -> {block_id: text}, found by this page before anything was sent
const edited = new Map() // view id -> Set of block_ids changed since the last submission

const key = (block, action) => `${block}\u0000${action}`
const within = (map, scope, make) => {
  if (!map.has(scope)) map.set(scope, make())
  return map.get(scope)
}

/** scopeOf names the form that a block belongs to: its view, or its message. */
export const scopeOf = (ctx) => (ctx.view ? ctx.view.id : `${ctx.channel}/${ctx.ts}`)

const INITIAL = {
  plain_text_input: (el) => ({ value: el.initial_value ?? null }),
  email_text_input: (el) => ({ value: el.initial_value ?? null }),
  url_text_input: (el) => ({ value: el.initial_value ?? null }),
  number_input: (el) => ({ value: el.initial_value ?? null }),
  static_select: (el) => ({ selected_option: clean(el.initial_option) }),
  external_select: (el) => ({ selected_option: clean(el.initial_option) }),
  radio_buttons: (el) => ({ selected_option: clean(el.initial_option) }),
  checkboxes: (el) => ({ selected_options: (el.initial_options || []).map(clean) }),
  users_select: (el) => ({ selected_user: el.initial_user ?? null }),
  channels_select: (el) => ({ selected_channel: el.initial_channel ?? null }),
  conversations_select: (el) => ({ selected_conversation: el.initial_conversation ?? null }),
  datepicker: (el) => ({ selected_date: el.initial_date ?? null }),
  timepicker: (el) => ({ selected_time: el.initial_time ?? null }),
  datetimepicker: (el) => ({ selected_date_time: el.initial_date_time ?? null }),
}

/** clean takes out of an option what the server added for showing it. */
export function clean(option) {
  if (!option) return null
  const bare = ({ html, ...rest }) => rest
  const out = { text: bare(option.text), value: option.value }
  if (option.description) out.description = bare(option.description)
  return out
}

/** holdsValue tells whether an element has a value at all: buttons have none. */
export const holdsValue = (el) => Boolean(el && INITIAL[el.type])

/** valueOf is an element's value now: as entered, else as the server has it, else as the app proposed it. */
export function valueOf(ctx, block, el) {
  const own = entered.get(scopeOf(ctx))
  const found = own && own.get(key(block.block_id, el.action_id))
  if (found && found.type === el.type) return found
  const known = ctx.view && ctx.view.state_values && ctx.view.state_values[block.block_id]
  const server = known && known[el.action_id]
  if (server && server.type === el.type) return server
  return { type: el.type, ...INITIAL[el.type](el) }
}

/** enter records what somebody typed or chose. */
export function enter(ctx, block, el, value) {
  within(entered, scopeOf(ctx), () => new Map()).set(key(block.block_id, el.action_id), { type: el.type, ...value })
  if (!ctx.view) return
  within(edited, ctx.view.id, () => new Set()).add(block.block_id)
  const found = problems.get(ctx.view.id)
  if (found) delete found[block.block_id]
}

/** collect gathers all values of a view, as state.values. */
export function collect(view) {
  const values = {}
  for (const block of view.blocks || []) {
    for (const el of [block.element, block.accessory, ...(block.type === 'actions' ? block.elements : [])]) {
      if (holdsValue(el)) (values[block.block_id] ||= {})[el.action_id] = valueOf({ view }, block, el)
    }
  }
  return values
}

/** errorOf is what is wrong with a block, until somebody changes it. */
export function errorOf(view, block) {
  const own = problems.get(view.id)
  if (own && own[block.block_id]) return own[block.block_id]
  const touched = edited.get(view.id)
  return (!touched || !touched.has(block.block_id)) && view.errors ? view.errors[block.block_id] || '' : ''
}

/** check finds what a view may not be submitted with, and remembers it; the first faulty block's id, or ''. */
export function check(view) {
  const found = {}
  for (const block of view.blocks || []) {
    const text = block.type === 'input' ? fault(block, valueOf({ view }, block, block.element)) : ''
    if (text) found[block.block_id] = text
  }
  problems.set(view.id, found)
  edited.delete(view.id)
  return Object.keys(found)[0] || ''
}

const isEmpty = (value) => Object.entries(value).every(([name, v]) =>
  name === 'type' || v === null || v === '' || (Array.isArray(v) && v.length === 0))

function fault(block, value) {
  const el = block.element
  if (isEmpty(value)) return block.optional ? '' : `Please fill in “${plain(block.label)}”.`
  if (el.type === 'number_input') return numberFault(el, value.value)
  const length = [...(value.value || '')].length
  if (el.min_length && length < el.min_length) return `At least ${el.min_length} characters, please.`
  if (el.max_length && length > el.max_length) return `At most ${el.max_length} characters, please: these are ${length}.`
  return ''
}

function numberFault(el, text) {
  const n = Number(text)
  if (!Number.isFinite(n)) return 'This is not a number.'
  if (!el.is_decimal_allowed && !Number.isInteger(n)) return 'A whole number, please.'
  if (el.min_value !== undefined && n < Number(el.min_value)) return `At least ${el.min_value}, please.`
  if (el.max_value !== undefined && n > Number(el.max_value)) return `At most ${el.max_value}, please.`
  return ''
}

/** forget drops what was entered in views that are gone. */
export function forget(openIDs) {
  for (const map of [problems, edited]) for (const id of map.keys()) if (!openIDs.has(id)) map.delete(id)
  for (const scope of entered.keys()) if (/^V/.test(scope) && !openIDs.has(scope)) entered.delete(scope)
}
