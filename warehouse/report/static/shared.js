/* Shared by the scripts of all pages: data, elements, numbers, tables, charts.
   Text from the data is only set as text, never as markup. */
'use strict';
const eco = (() => {
  const content = JSON.parse(document.getElementById('data').textContent);

  /* A query's rows as objects; `titles` maps column to title. Null when the publication lacks it. */
  const table = name => {
    const raw = content.tables[name];
    if (!raw) return null;
    const rows = raw.rows.map(row => Object.fromEntries(raw.columns.map((c, i) => [c, row[i]])));
    const titles = Object.fromEntries(raw.columns.map((c, i) => [c, raw.titles[i]]));
    return { name, title: raw.title, columns: raw.columns, titles, rows };
  };

  const h = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else if (name === 'style') element.style.cssText = value;
      else element.setAttribute(name, value === true ? '' : value);
    }
    for (const child of children.flat(Infinity)) {
      if (child !== null && child !== undefined && child !== false) element.append(child);
    }
    return element;
  };

  /* One format per number of decimals: creating one takes longer than a thousand uses. */
  const formats = [];
  const number = (value, digits = 4) => {
    const size = Math.abs(value), places = size >= 1000 ? 1 : size >= 100 ? Math.min(digits, 2) : digits;
    return (formats[places] ??= new Intl.NumberFormat('zh-CN', { maximumFractionDigits: places, useGrouping: false })).format(value);
  };
  const figure = (value, digits = 3) => value === null || value === undefined ? '—' : typeof value === 'number' ? number(value, digits) : String(value);
  const text = value => value === null || value === undefined ? '' : typeof value === 'boolean' ? (value ? '是' : '否')
    : typeof value === 'number' ? number(value) : String(value);
  const group = (rows, key) => rows.reduce((groups, row) => {
    (groups.get(row[key]) ?? groups.set(row[key], []).get(row[key])).push(row);
    return groups;
  }, new Map());

  /* An HTML table of a query's rows. A column that no row fills, or that `hide` names, is left out; `extra`
     gives titles of columns that only the page knows. A row that `onrow` opens can be reached by keyboard. */
  const grid = (source, rows, { hide = [], onrow = null, cells = {}, extra = {} } = {}) => {
    const titles = { ...source.titles, ...extra };
    const columns = [...source.columns, ...Object.keys(extra)].filter(c => !hide.includes(c) && rows.some(row => row[c] !== null && row[c] !== ''));
    const short = new Set(columns.filter(c => rows.every(row => typeof row[c] === 'string' && row[c].length <= 4)));
    const long = new Set(columns.filter(c => rows.some(row => typeof row[c] === 'string' && row[c].length > 24)));
    return h('table', {},
      h('thead', {}, h('tr', {}, columns.map(c => h('th', { scope: 'col', class: rows.every(row => row[c] === null || typeof row[c] === 'number') ? 'number' : null }, titles[c])))),
      h('tbody', {}, rows.map(row => h('tr', onrow ? { class: 'link', tabindex: '0', onclick: () => onrow(row), onkeydown: pressed(() => onrow(row)) } : {},
        columns.map(c => h('td', { 'data-title': titles[c], class: typeof row[c] === 'number' ? 'number' : long.has(c) ? 'wide' : short.has(c) ? 'short' : /^[\d: -]+$/.test(row[c]) ? 'plain' : null },
          cells[c] ? cells[c](row) : text(row[c])))))));
  };

  /* Keyboard handler of elements that act as buttons: Enter and the space bar click them. */
  const pressed = action => event => {
    if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    action();
  };

  /* Download rows of a query as a CSV file that Excel opens (UTF-8 with BOM). */
  const download = (name, source, rows) => {
    const field = value => /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
    const lines = [source.columns.map(c => source.titles[c]), ...rows.map(row => source.columns.map(c => text(row[c])))];
    const address = URL.createObjectURL(new Blob(['\ufeff', lines.map(line => line.map(field).join(',')).join('\r\n'), '\r\n'], { type: 'text/csv' }));
    h('a', { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };

  const options = (select, values, all) => {
    select.append(h('option', { value: '' }, all));
    for (const value of [...new Set(values)].filter(v => v !== null && v !== '')) select.append(h('option', { value }, value));
  };

  const colour = element => getComputedStyle(element).getPropertyValue('--c').trim();

  const charts = new Map();
  const font = getComputedStyle(document.body).fontFamily;
  /* Draw a chart into an element, replacing the chart that is there. */
  const draw = (element, option, { size = [element.clientWidth || 300, element.clientHeight || 132], label = null } = {}) => {
    charts.get(element)?.dispose();
    const chart = echarts.init(element, null, { renderer: 'svg', width: size[0], height: size[1] });
    chart.setOption({ animation: false, textStyle: { fontFamily: font }, ...option });
    charts.set(element, chart);
    const svg = element.querySelector('svg');
    svg?.setAttribute('viewBox', `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
    element.setAttribute('role', 'img');
    if (label) element.setAttribute('aria-label', label);
    return chart;
  };
  const drop = element => { charts.get(element)?.dispose(); charts.delete(element); };

  let resizing;
  window.addEventListener('resize', () => {
    if (matchMedia('print').matches) return;
    clearTimeout(resizing);
    resizing = setTimeout(() => {
      for (const [element, chart] of charts) {
        if (element.clientWidth && element.clientWidth !== chart.getWidth()) {
          chart.resize({ width: element.clientWidth, height: element.clientHeight });
          element.querySelector('svg')?.setAttribute('viewBox', `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
        }
      }
    }, 120);
  });
  document.querySelectorAll('[data-print]').forEach(button => button.addEventListener('click', () => window.print()));

  return { content, table, h, figure, text, group, grid, pressed, download, options, colour, font, draw, drop };
})();
