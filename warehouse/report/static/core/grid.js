/* Tables: sortable by their headers, read out with their titles, on a phone one card a row. */
'use strict';
Object.assign(eco, (() => {
  const { h, text, missing } = eco;
  const collator = new Intl.Collator('zh-CN', { numeric: true });
  const compare = (a, b) => missing(a) ? (missing(b) ? 0 : 1) : missing(b) ? -1
    : typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
  /* Rows sorted by a column, `-column` downwards; what is missing comes last either way. */
  const sorted = (rows, by) => {
    if (!by) return rows;
    const down = by.startsWith('-'), column = down ? by.slice(1) : by;
    return [...rows].sort((a, b) => missing(a[column]) || missing(b[column]) || !down ? compare(a[column], b[column]) : compare(b[column], a[column]));
  };

  /* Keyboard handler of elements that act as buttons: Enter and the space bar click them. */
  const pressed = action => event => {
    if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    action();
  };

  /* A state with its shape: colour is never the only sign. */
  const SHAPES = { attained: '●', on_track: '▲', behind: '◆', regressed: '▼', target_not_assigned: '○', not_measured: '□', good: '●', alert: '◆', serious: '▼', none: '□' };
  const shape = state => h('i', { class: 'shape', 'aria-hidden': 'true' }, SHAPES[state] ?? '○');
  const chip = (state, title) => h('span', { class: 'chip', 'data-status': state }, shape(state), title);

  /* An HTML table of a query's rows. A column that no row fills, or that `hide` names, is left out; `extra`
     gives titles of columns that only the page knows; `cells` draws a column's cells, `digits` are its decimals.
     `sort` is the column by which the rows are sorted, `onsort` is called with another one; without it the
     table sorts itself. A row that `onrow` opens has a button for it. */
  const grid = (source, rows, options = {}) => {
    const { hide = [], onrow = null, cells = {}, extra = {}, digits = {}, codes = [], caption = '', fixed = false } = options;
    const titles = { ...source.titles, ...extra };
    const columns = [...source.columns, ...Object.keys(extra)].filter(c => !hide.includes(c) && rows.some(row => !missing(row[c])));
    const numeric = new Set(columns.filter(c => rows.every(row => missing(row[c]) || typeof row[c] === 'number')));
    const short = new Set(columns.filter(c => rows.every(row => typeof row[c] === 'string' && row[c].length <= 4)));
    const long = new Set(columns.filter(c => rows.some(row => typeof row[c] === 'string' && row[c].length > 24)));
    // The button that opens a row stands in its first plain cell: it cannot hold a link.
    const opener = onrow ? columns.find(c => !cells[c]) : null;
    const cell = (row, column) => {
      const shown = cells[column] ? cells[column](row) : codes.includes(column) ? h('span', { translate: 'no' }, text(row[column])) : text(row[column], digits[column] ?? 4);
      return h('td', { 'data-title': titles[column], class: typeof row[column] === 'number' ? 'number' : long.has(column) ? 'wide' : short.has(column) ? 'short' : /^[\d: -]+$/.test(row[column]) ? 'plain' : null },
        column === opener ? h('button', { type: 'button', class: 'open', onclick: event => { event.stopPropagation(); onrow(row); } }, shown) : shown);
    };
    const body = h('tbody');
    const fill = by => body.replaceChildren(...sorted(rows, by).map(row => h('tr', onrow ? { class: 'link', onclick: () => onrow(row) } : {},
      columns.map(column => cell(row, column)))));
    let by = options.sort ?? '';
    const heads = columns.map(column => h('th', { scope: 'col', class: numeric.has(column) ? 'number' : null },
      fixed ? titles[column] : h('button', { type: 'button', class: 'sort', onclick: () => {
        by = by === column ? `-${column}` : by === `-${column}` ? '' : column;
        if (options.onsort) options.onsort(by); else { fill(by); mark(); }
      } }, titles[column])));
    const mark = () => heads.forEach((head, i) => {
      const way = by === columns[i] ? 'ascending' : by === `-${columns[i]}` ? 'descending' : null;
      if (way) head.setAttribute('aria-sort', way); else head.removeAttribute('aria-sort');
    });
    mark();
    fill(options.onsort ? '' : by);
    return h('table', {}, caption ? h('caption', { class: 'unseen' }, caption) : null, h('thead', {}, h('tr', {}, heads)), body);
  };

  /* Rows in steps: `make(rows)` draws those that are shown, a button adds more; all are on paper. */
  const STEP = matchMedia('(max-width: 760px)').matches ? 12 : 40;
  const paged = (into, rows, make) => {
    let limit = STEP;
    const place = h('div'), more = h('button', { type: 'button', class: 'button no-paper' });
    const fill = () => {
      place.replaceChildren(make(rows.slice(0, limit)));
      const left = rows.length - limit;
      more.hidden = left <= 0;
      more.textContent = `再显示 ${Math.min(STEP, left)} 条（余 ${left} 条）`;
    };
    more.addEventListener('click', () => { limit += STEP; fill(); });
    place.addEventListener('all', () => { limit = Infinity; fill(); });
    fill();
    into.replaceChildren(place, more);
    place.dataset.paged = '';
  };
  addEventListener('beforeprint', () => document.querySelectorAll('[data-paged]').forEach(place => place.dispatchEvent(new Event('all'))));

  /* A part that is folded, and made when it is opened or printed. */
  const folded = (summary, make, { open = false, ...attributes } = {}) => {
    const element = h('details', { ...attributes, open }, h('summary', {}, summary));
    let filled = false;
    const fill = () => {
      if (!filled) element.append(...[make()].flat(Infinity).filter(Boolean));
      filled = true;
    };
    if (open) fill();
    element.addEventListener('toggle', () => { if (element.open) fill(); });
    addEventListener('beforeprint', () => { fill(); element.open = true; });
    return element;
  };

  /* A region that scrolls sideways can be reached and scrolled by keyboard. */
  const scrolling = (label, ...children) => h('div', { class: 'scroll stack', tabindex: '0', role: 'region', 'aria-label': label }, children);

  /* Download rows of a query as a CSV file that Excel opens (UTF-8 with BOM). */
  const download = (name, source, rows) => {
    const field = value => /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
    const plain = value => missing(value) ? '' : typeof value === 'boolean' ? (value ? '是' : '否') : String(value);
    const lines = [source.columns.map(c => source.titles[c]), ...rows.map(row => source.columns.map(c => plain(row[c])))];
    const address = URL.createObjectURL(new Blob(['\ufeff', lines.map(line => line.map(field).join(',')).join('\r\n'), '\r\n'], { type: 'text/csv' }));
    h('a', { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };

  const options = (select, values, all) => {
    select.replaceChildren(h('option', { value: '' }, all), ...eco.unique(values).map(value => h('option', { value }, value)));
  };
  return { sorted, pressed, shape, chip, grid, paged, folded, scrolling, download, options };
})());
