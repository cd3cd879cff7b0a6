// The one place that touches the document: h() describes an element, patch() changes what is there into what is described.
// An element that stays keeps its focus, caret and scroll position. setHTML is the only use of innerHTML in this page;
// what it is given was escaped and rendered by the server.

import { emojify } from './emoji.js'

const SVG = new Set(['svg', 'path', 'circle', 'rect', 'line', 'polyline'])

/** h describes an element. Children may be nested lists, texts, or false/null for nothing. */
export function h(tag, props, ...children) {
  return { tag, props: props || {}, kids: flatten(children, []) }
}

function flatten(list, into) {
  for (const kid of list) {
    if (Array.isArray(kid)) flatten(kid, into)
    else if (kid !== null && kid !== undefined && kid !== false && kid !== true && kid !== '') {
      into.push(typeof kid === 'object' ? kid : { text: String(kid) })
    }
  }
  return into
}

/** patch makes parent's children what kids describe. */
export function patch(parent, kids) {
  const wanted = flatten([kids], [])
  const old = keyed(parent._kids || [])
  const next = wanted.map((v, i) => [v, old.get(keyOf(v, i)) || null])
  const kept = new Set(next.map(([, was]) => was && was.node))
  for (const was of parent._kids || []) if (!kept.has(was.node)) was.node.remove()
  let cursor = parent.firstChild
  const done = []
  for (const [v, was] of next) {
    const node = was ? update(was.node, v) : create(v)
    if (node === cursor) cursor = cursor.nextSibling
    else parent.insertBefore(node, cursor)
    done.push({ v, node })
  }
  parent._kids = done
}

function keyed(kids) {
  const map = new Map()
  kids.forEach((kid, i) => map.set(keyOf(kid.v, i), kid))
  return map
}

const keyOf = (v, i) => v.text !== undefined ? `#${i}` : `${v.tag}:${v.props.key ?? i}`

function create(v) {
  if (v.text !== undefined) return document.createTextNode(v.text)
  const node = SVG.has(v.tag) ? document.createElementNS('http://www.w3.org/2000/svg', v.tag) : document.createElement(v.tag)
  node._props = {}
  node._on = {}
  return update(node, v)
}

function update(node, v) {
  if (v.text !== undefined) {
    if (node.data !== v.text) node.data = v.text
    return node
  }
  const was = node._props
  node._props = v.props
  for (const name in was) if (!(name in v.props)) set(node, name, null, was[name])
  if (v.props.html === undefined) patch(node, v.kids)
  for (const name in v.props) if (name !== 'html') set(node, name, v.props[name], was[name])
  if ('html' in v.props) setHTML(node, v.props.html ?? '', was.html)
  return node
}

function set(node, name, value, was) {
  if (name === 'key') return
  if (name === 'html') return setHTML(node, '', was)
  if (name === 'on') return listen(node, value || {})
  if (name === 'prop') return setProps(node, value || {})
  if (name === 'style') return setStyle(node, value || {}, was || {})
  if (value === was) return
  if (value === null || value === undefined || value === false) node.removeAttribute(name)
  else node.setAttribute(name, value === true ? '' : value)
}

function setHTML(node, html, was) {
  if (html === was) return
  node.innerHTML = html
  if (!node.hasAttribute('data-verbatim')) emojify(node)
}

// Live properties (value, checked) are compared with the element, not with the last description: people change them.
function setProps(node, props) {
  for (const name in props) if (node[name] !== props[name]) node[name] = props[name]
}

// Through the CSSOM, because the content security policy forbids style attributes.
function setStyle(node, style, was) {
  for (const name in was) if (!(name in style)) node.style.removeProperty(name)
  for (const name in style) if (style[name] !== was[name]) node.style.setProperty(name, style[name])
}

function listen(node, handlers) {
  for (const type in handlers) {
    if (!(type in node._on)) node.addEventListener(type, (event) => node._on[type] && node._on[type](event))
  }
  for (const type in node._on) if (!(type in handlers)) node._on[type] = null
  Object.assign(node._on, handlers)
}

/** cls joins class names, leaving out what is false. */
export const cls = (...names) => names.filter(Boolean).join(' ')

const FOCUSABLE = 'a[href],button,input,textarea,select,iframe,[tabindex]'

/** focusables lists what Tab reaches inside root, in order. */
export function focusables(root) {
  return [...root.querySelectorAll(FOCUSABLE)].filter((el) =>
    !el.disabled && el.tabIndex >= 0 && !el.closest('[inert],[hidden]') && el.getClientRects().length > 0)
}
