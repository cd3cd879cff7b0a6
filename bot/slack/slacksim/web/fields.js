// Fields that one types into: text, numbers, dates and times.
import { h, cls } from './dom.js'
import { plain } from './text.js'
import { valueOf } from './form.js'

const NATIVE = { datepicker: 'date', timepicker: 'time', datetimepicker: 'datetime-local', number_input: 'text', plain_text_input: 'text', email_text_input: 'email', url_text_input: 'url' }
const NAMES = { datepicker: 'selected_date', timepicker: 'selected_time', datetimepicker: 'selected_date_time' }

/** field shows one; set takes each new value. */
export function field({ ctx, block, el, input, id }, set) {
  const name = NAMES[el.type] || 'value'
  const stored = valueOf(ctx, block, el)[name]
  const typed = el.type.endsWith('_input')
  const props = {
    class: cls('field', input && input.invalid && 'invalid'), key: id, id, 'data-key': id,
    'data-test': input ? input.test : `input-${el.action_id}`, placeholder: plain(el.placeholder) || null,
    'aria-label': input ? input.label : plain(el.placeholder) || 'Value', 'aria-invalid': input && input.invalid ? 'true' : null,
    'aria-describedby': describedby(input, el, id), 'aria-required': input && !block.optional ? 'true' : null,
    prop: { value: shown(el, stored) },
    on: {
      [typed ? 'input' : 'change']: (e) => set({ [name]: entered(el, e.target.value) }, { silent: typed && !eager(el) }),
      keydown: (e) => { if (e.key === 'Enter' && typed && !el.multiline && block.dispatch_action) set({ [name]: entered(el, e.target.value) }) },
    },
  }
  if (el.type === 'number_input') props.inputmode = el.is_decimal_allowed ? 'decimal' : 'numeric'
  if (el.multiline) return h('div', { class: 'field-box', key: id }, h('textarea', { ...props, rows: 4 }), room(el, stored, id))
  return h('div', { class: 'field-box', key: id }, h('input', { type: NATIVE[el.type], autocomplete: 'off', ...props }), room(el, stored, id))
}

const eager = (el) => ((el.dispatch_action_config || {}).trigger_actions_on || []).includes('on_character_entered')
const describedby = (input, el, id) => [input && input.describedby, el.max_length ? `${id}-room` : ''].filter(Boolean).join(' ') || null

// room counts the characters that are left, as soon as they get scarce. Too many are allowed in and then refused at
// sending, so that nothing that was pasted is cut off silently.
function room(el, stored, id) {
  if (!el.max_length) return null
  const left = el.max_length - [...(stored || '')].length
  return h('span', { class: cls('room', left < 0 && 'over'), id: `${id}-room`, key: 'room' },
    left < 0 ? `${-left} too many` : left <= el.max_length / 5 ? `${left} left` : '')
}

function shown(el, stored) {
  if (stored === null || stored === undefined) return ''
  if (el.type !== 'datetimepicker') return String(stored)
  const local = new Date(stored * 1000 - new Date(stored * 1000).getTimezoneOffset() * 60000)
  return local.toISOString().slice(0, 16)
}

function entered(el, text) {
  if (text === '') return null
  return el.type === 'datetimepicker' ? Math.floor(new Date(text).getTime() / 1000) : text
}
