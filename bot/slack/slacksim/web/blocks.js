// Block Kit, block by block. Texts arrive rendered; what is here is layout.
import { h, cls } from './dom.js'
import { plain, rich } from './text.js'
import { element, picture, idOf } from './elements.js'
import { errorOf } from './form.js'
import { richText } from './richtext.js'
import { icon } from './icons.js'

/** blocks shows a list of blocks. ctx says where they are: {view} or {channel, ts, pending}. */
export function blocks(ctx, list) {
  return (list || []).map((block, i) => {
    const shown = (SHOW[block.type] || unknown)(ctx, { ...block, block_id: block.block_id || `b${i}` })
    return h('div', { class: `block block-${block.type}`, key: block.block_id || i, 'data-test': `block-${block.block_id || i}` }, shown)
  })
}

const SHOW = {
  header: (ctx, b) => rich(b.text, 'block-title', 'h3'),
  divider: () => h('hr', null),
  section: section,
  context: context,
  actions: (ctx, b) => h('div', { class: 'actions', role: 'group' }, (b.elements || []).map((el) => element(ctx, b, el))),
  input: input,
  image: (ctx, b) => h('figure', null, b.title ? rich(b.title, 'image-title', 'figcaption') : null, picture(b, true)),
  rich_text: (ctx, b) => richText(b),
  markdown: (ctx, b) => rich(typeof b.text === 'object' ? b.text : { text: b.text, html: b.html }, 'text markdown'),
  video: (ctx, b) => h('figure', null, rich(b.title, 'image-title', 'figcaption'), picture(b, true)),
}

const unknown = (ctx, b) => h('div', { class: 'unknown' }, `(this block is not shown here: ${b.type})`)

function section(ctx, b) {
  return h('div', { class: 'section' },
    h('div', { class: 'section-main', key: 'main' },
      b.text ? rich(b.text, 'text') : null,
      b.fields ? h('div', { class: 'fields', key: 'fields' }, b.fields.map((f) => rich(f, 'text'))) : null),
    b.accessory ? h('div', { class: 'section-side', key: 'side' }, element(ctx, b, b.accessory)) : null)
}

function context(ctx, b) {
  return h('div', { class: 'context' }, (b.elements || []).map((el) => (el.type === 'image' ? picture(el) : rich(el, 'text', 'span'))))
}

function input(ctx, b) {
  const error = ctx.view ? errorOf(ctx.view, b) : ''
  const id = `${ctx.view ? ctx.view.id : ctx.ts}-${b.block_id}`.replace(/[^A-Za-z0-9_-]/g, '_')
  const label = plain(b.label)
  const info = [error && `${id}-error`, b.hint && `${id}-hint`].filter(Boolean).join(' ')
  return h('div', { class: cls('input', error && 'faulty') },
    h('label', { class: 'label', key: 'label', for: idOf(ctx, b, b.element) }, rich(b.label, '', 'span'), b.optional ? h('span', { class: 'optional' }, 'optional') : null),
    element(ctx, b, b.element, { test: `input-${b.block_id}`, label, invalid: Boolean(error), describedby: info }),
    error ? h('div', { class: 'error', key: 'error', id: `${id}-error`, role: 'alert', 'data-test': `error-${b.block_id}` }, icon('warn'), error) : null,
    b.hint ? rich(b.hint, 'hint', 'div', { id: `${id}-hint`, key: 'hint' }) : null)
}
