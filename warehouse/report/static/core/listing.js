/* A list of rows with search, filters, sorting, paging, download; a row opens with all its columns.
   A list is declared in pages.yml (ListOfRows of warehouse/report/registry.py). */
'use strict';
Object.assign(eco, (() => {
  const { h, text, missing, address, grid, chip, parts, unique, table } = eco;

  /* The dialog of an item: opened and closed through the address, so that the back button closes it. */
  const dialog = () => {
    const element = h('dialog', { 'aria-labelledby': 'item-title' });
    document.body.append(element);
    let returnTo = null, byUser = true;
    const show = (title, state, ...body) => {
      if (!element.open) returnTo = document.activeElement;
      element.dataset.status = state ?? '';
      element.replaceChildren(
        h('div', { class: 'title' }, h('h2', { id: 'item-title' }, title),
          h('button', { class: 'button no-paper', type: 'button', onclick: () => element.close() }, '关闭')),
        h('div', { class: 'body' }, body));
      if (!element.open) element.showModal();
      element.scrollTop = 0;
    };
    const hide = () => { if (element.open) { byUser = false; element.close(); byUser = true; } };
    element.addEventListener('close', () => {
      if (byUser) address.close();
      returnTo?.focus?.({ preventScroll: true });
    });
    element.addEventListener('click', event => { if (event.target === element) element.close(); });
    return { element, show, hide };
  };
  let shared;
  const itemDialog = () => (shared ??= dialog());

  const cellsOf = (spec, source) => {
    const cells = {};
    for (const [column, levels] of Object.entries(spec.levels)) {
      cells[column] = row => missing(row[column]) ? '' : levels[row[column]] ? chip(levels[row[column]], text(row[column])) : text(row[column]);
    }
    if (source.columns.includes('indicator_ids')) {
      cells.indicator_ids = row => parts(row.indicator_ids).map(id => [h('a', { href: `indicators.html#${id}` }, id), ' ']);
    }
    if (source.columns.includes('indicator_id')) cells.indicator_id = row => h('a', { href: `indicators.html#${row.indicator_id}` }, row.indicator_id);
    if (spec.link) cells[spec.title] = row => h('a', { href: row[spec.link] }, text(row[spec.title]));
    return cells;
  };

  const listing = (into, spec, { several = false } = {}) => {
    const source = table(spec.query);
    const section = h('section', { id: spec.query, class: 'listing' });
    into.append(section);
    const count = h('small', { role: 'status' });
    section.append(h('h2', {}, spec.title_zh, count), spec.note_zh ? h('p', { class: 'note' }, spec.note_zh) : '');
    if (!source || !source.rows.length) {
      section.append(h('p', { class: 'panel empty' }, source ? spec.empty_zh : '本次发布没有这张表。'));
      return;
    }
    if (source.total > source.rows.length) section.append(h('p', { class: 'note' }, `只列出前 ${source.rows.length} 条，共 ${source.total} 条；全部见开放数据“${source.title}”。`));
    const prefix = several ? `${spec.query}.` : '', itemPrefix = several ? `${spec.query}/` : '';
    const cells = cellsOf(spec, source);
    const words = new Map(source.rows.map(row => [row, eco.searchable(...source.columns.map(c => row[c]))]));
    const results = h('div', { class: 'results' });
    const choices = spec.filters.filter(c => source.columns.includes(c)).map(c => ({ name: c, title: source.titles[c], values: unique(source.rows.flatMap(row => [row[c], ...parts(row[c])].length > 2 ? parts(row[c]) : [row[c]])) }));
    const chosen = eco.filters({ prefix, choices, label: spec.title_zh, results: () => results });
    const save = h('button', { type: 'button', class: 'button no-paper' }, '下载表格');
    // A short table without choices is seen at a glance.
    chosen.element.hidden = !choices.length && source.rows.length <= 20;
    section.append(chosen.element, results, h('div', { class: 'below' }, save));
    const shown = source.columns.filter(c => spec.columns.includes(c)).sort((a, b) => spec.columns.indexOf(a) - spec.columns.indexOf(b));
    const open = spec.key ? row => address.open(itemPrefix + row[spec.key]) : null;
    let rows = [], sort = '', last = null;
    const fill = () => {
      count.textContent = rows.length === source.rows.length ? `共 ${rows.length} 条` : `${rows.length} / ${source.rows.length} 条`;
      eco.paged(results, rows, visible => visible.length
        ? eco.scrolling(spec.title_zh, grid({ ...source, columns: shown }, visible, { cells, digits: spec.digits, codes: spec.codes, onrow: spec.link ? null : open, caption: spec.title_zh, sort, onsort: by => address.set(`${prefix}sort`, by) }))
        : h('p', { class: 'empty' }, '没有符合条件的记录。'));
    };
    save.addEventListener('click', () => eco.download(`${spec.title_zh}.csv`, source, rows));
    address.follow(({ item, params }) => {
      const state = chosen.read(params), match = eco.matcher(state.q);
      sort = params[`${prefix}sort`] ?? '';
      const now = JSON.stringify([state, sort]);
      if (now !== last) {
        last = now;
        rows = eco.sorted(source.rows.filter(row => chosen.matches(row, state) && match(words.get(row))), sort);
        fill();
      }
      if (!spec.key || spec.link) return;
      const row = item && source.rows.find(r => itemPrefix + r[spec.key] === item);
      if (row) {
        itemDialog().show([h('small', { translate: 'no' }, String(row[spec.key])), spec.title ? text(row[spec.title]) : ''], null,
          h('dl', {}, source.columns.filter(c => !spec.hidden.includes(c) && !missing(row[c])).map(c => [h('dt', {}, source.titles[c]),
            h('dd', { translate: spec.codes.includes(c) ? 'no' : null }, cells[c] ? cells[c](row) : text(row[c], spec.digits[c] ?? 4))])));
      } else if (!item) itemDialog().hide();
    });
  };
  return { listing, itemDialog };
})());
