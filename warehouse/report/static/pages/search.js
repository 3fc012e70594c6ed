/* Search over all pages: indicators, targets, projects, forecasts, findings. */
'use strict';
(() => {
  const { $, h, table, address, group, drawn } = eco;
  const entries = (table('entries')?.rows ?? []).map(row => ({ ...row, words: eco.searchable(row.item, row.title, row.words, row.kind_zh) }));
  const STEP = 40;
  const field = $('search');
  field.addEventListener('input', () => address.set('q', field.value.trim(), { replace: true }));
  let limit = STEP, last = '';
  const show = query => {
    const match = eco.matcher(query), found = query ? entries.filter(entry => match(entry.words)) : [];
    $('count').textContent = query ? `找到 ${found.length} 条` : '输入编号、名称、部门、乡镇或内容';
    const visible = found.slice(0, limit);
    $('found').replaceChildren(...[...group(visible, 'kind_zh')].map(([kind, own]) => h('section', {}, h('h2', {}, kind, h('small', {}, `${found.filter(e => e.kind_zh === kind).length} 条`)),
      h('ul', { class: 'lines' }, own.map(entry => h('li', {}, h('a', { href: `${entry.page}.html#${encodeURIComponent(entry.item)}` }, h('small', { translate: 'no' }, entry.item), entry.title), ' ', h('span', { class: 'note' }, entry.detail ?? '')))))),
    found.length > limit ? h('button', { type: 'button', class: 'button', onclick: () => { limit += STEP; show(query); } }, `再显示 ${Math.min(STEP, found.length - limit)} 条`) : '');
  };
  address.follow(({ params }) => {
    const query = params.q ?? '';
    if (document.activeElement !== field) field.value = query;
    if (query !== last) limit = STEP;
    last = query;
    show(query);
  });
  drawn();
})();
