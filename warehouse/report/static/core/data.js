/* The namespace `eco` of all scripts: the page's data, elements, numbers.
   Text from the data is only set as text, never as markup. */
'use strict';
const eco = (() => {
  const content = JSON.parse(document.getElementById('data').textContent);
  const $ = id => document.getElementById(id);

  /* A query's rows as objects; `titles` maps column to title, `total` counts the rows that were left out too. Null when the publication lacks it. */
  const table = name => {
    const raw = content.tables[name];
    if (!raw) return null;
    const read = raw.cells.map(column => Array.isArray(column) ? i => column[i] : i => column.values[column.at[i]]);
    const rows = Array.from({ length: raw.rows }, (_, row) => Object.fromEntries(raw.columns.map((c, i) => [c, read[i](row)])));
    const titles = Object.fromEntries(raw.columns.map((c, i) => [c, raw.titles[i]]));
    return { name, title: raw.title, columns: raw.columns, titles, rows, total: raw.total };
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
  const rounded = (value, places) => (formats[places] ??= new Intl.NumberFormat('zh-CN', { maximumFractionDigits: places, useGrouping: false })).format(value);
  const number = (value, digits = 4) => {
    const size = Math.abs(value);
    return rounded(value, size >= 1000 ? Math.min(digits, 1) : size >= 100 ? Math.min(digits, 2) : digits);
  };
  const missing = value => value === null || value === undefined || value === '';
  const figure = (value, digits = 3) => missing(value) ? '—' : typeof value === 'number' ? number(value, digits) : String(value);
  const text = (value, digits = 4) => missing(value) ? '' : typeof value === 'boolean' ? (value ? '是' : '否')
    : typeof value === 'number' ? number(value, digits) : String(value);
  const group = (rows, key) => rows.reduce((groups, row) => {
    (groups.get(row[key]) ?? groups.set(row[key], []).get(row[key])).push(row);
    return groups;
  }, new Map());
  /* The parts of a text that lists several values. */
  const parts = value => missing(value) ? [] : String(value).split(/[;；]\s*/).filter(Boolean);
  const unique = values => [...new Set(values)].filter(value => !missing(value));

  /* Mark that the page is complete, for tests and timings: milliseconds since the start of the navigation. */
  const drawn = () => { document.documentElement.dataset.drawn = String(Math.round(performance.now())); };

  return { content, $, table, h, rounded, number, missing, figure, text, group, parts, unique, drawn };
})();
