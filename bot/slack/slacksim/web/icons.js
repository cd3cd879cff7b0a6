// Icons are drawn here, as strokes in the colour of the text around them.
import { h } from './dom.js'

const SHAPES = {
  hash: 'M9 4 7 20M17 4l-2 16M4 9h17M3 15h17',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  shared: 'M8 8a4 4 0 1 0 0 8h2M16 8a4 4 0 1 1 0 8h-2M9 12h6',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M15 5l-7 7 7 7',
  down: 'M6 9l6 6 6-6',
  right: 'M9 6l6 6-6 6',
  reply: 'M4 5h16v11H10l-5 4v-4H4z',
  smile: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M8.5 14a4 4 0 0 0 7 0M9 9.5v.6M15 9.5v.6',
  send: 'M4 12 20 4l-5 16-3.5-6.5z',
  eye: 'M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM12 9.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4',
  warn: 'M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.4',
  panel: 'M4 5h16v14H4zM4 14h16',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  dots: 'M6 12v.2M12 12v.2M18 12v.2',
  home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4',
}

/** icon draws a shape; it is decoration, so screen readers skip it. */
export function icon(name, className) {
  return h('svg', { class: `icon ${className || ''}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    h('path', { d: SHAPES[name] }))
}
