/* The townships: a map (from the county's boundary file) or a grid of tiles, ranking, all years. */
'use strict';
(() => {
  const { $, h, table, group, missing, unique, grid, scrolling, address, drawn, indicators: model } = eco;
  const map = eco.content.boundaries, shapes = new Map((map?.areas ?? []).map(each => [each.area, each]));
  const source = table('townships'), names = eco.content.townships;
  if (!source || !source.rows.length) {
    $('none').hidden = false;
    $('all').hidden = true;
    drawn();
    return;
  }
  const known = model.rows.filter(row => source.rows.some(r => r.indicator_id === row.indicator_id));
  const ofIndicator = group(source.rows, 'indicator_id');
  $('indicator').append(...known.map(row => h('option', { value: row.indicator_id }, `${row.indicator_id} ${model.name(row)}`)));
  $('indicator').addEventListener('change', () => address.set('indicator', $('indicator').value));
  $('year').addEventListener('change', () => address.set('year', $('year').value));

  const SVG = 'http://www.w3.org/2000/svg';
  const s = (tag, attributes, ...children) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) if (!missing(value)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const CLASSES = 5;
  /* The class of each area by the value's rank: 1 the best fifth, 5 the worst. */
  const classes = rows => {
    const ranked = [...rows].sort((a, b) => a.best_rank - b.best_rank);
    return new Map(ranked.map(row => [row.area, 1 + Math.min(CLASSES - 1, Math.floor((row.best_rank - 1) * CLASSES / ranked.length))]));
  };
  const open = area => address.open(area);
  const drawMap = (row, byArea, ranks, chosen) => {
    const svg = s('svg', { viewBox: `0 0 ${map.width} ${map.height}`, role: 'group', 'aria-label': `${row.name_zh}各乡镇` });
    for (const area of names) {
      const shape = shapes.get(area), own = byArea.get(area);
      if (!shape) continue;
      const words = own ? `${model.value(row, own.value)}${model.unit(row)}，第${own.best_rank}名` : '无数据';
      const part = s('g', { class: 'area', 'data-class': ranks.get(area) ?? 0, 'data-area': area, tabindex: '0', role: 'button', 'aria-label': `${area}：${words}`, 'aria-pressed': String(area === chosen) },
        s('path', { d: shape.path, 'fill-rule': 'evenodd' }), s('text', { x: shape.x, y: shape.y }, area), s('text', { x: shape.x, y: shape.y + 22, class: 'value' }, own ? model.value(row, own.value) : '—'));
      part.addEventListener('click', () => open(area));
      part.addEventListener('keydown', eco.pressed(() => open(area)));
      svg.append(part);
    }
    return svg;
  };
  const drawTiles = (row, byArea, ranks, chosen) => h('div', { class: 'tile-grid' }, names.map(area => {
    const own = byArea.get(area);
    return h('button', { type: 'button', class: 'area', 'data-class': ranks.get(area) ?? 0, 'data-area': area, 'aria-pressed': String(area === chosen), onclick: () => open(area) },
      h('span', {}, area), h('b', {}, own ? model.value(row, own.value) : '—'), h('small', {}, own ? `第${own.best_rank}名` : '无数据'));
  }));
  const ranking = (row, rows, scale) => h('ol', { class: 'ranking' }, [...rows].sort((a, b) => a.best_rank - b.best_rank).map(own => h('li', {},
    h('a', { href: '#', onclick: event => { event.preventDefault(); open(own.area); } }, own.area),
    h('span', { class: 'bar', 'aria-hidden': 'true' }, h('span', { style: `width:${Math.max(0, Math.min(100, 100 * own.value / scale))}%` })),
    h('b', {}, model.value(row, own.value)))));
  const pivot = (row, all) => {
    const years = unique(all.map(r => r.year)).sort();
    const columns = ['area', ...years.map(String)];
    const lines = [...group(all.filter(r => r.is_township), 'area')].map(([area, own]) => ({ ...Object.fromEntries(columns.map(c => [c, null])), area, ...Object.fromEntries(own.map(r => [String(r.year), r.value])) }));
    return grid({ columns, titles: { area: '乡镇', ...Object.fromEntries(years.map(y => [String(y), `${y}年`])) } }, lines, { caption: '逐年数值', cells: Object.fromEntries(years.map(y => [String(y), r => model.value(row, r[String(y)])])) });
  };
  /* One township: all indicators that it has, latest year. */
  const township = area => {
    const latest = [...group(source.rows.filter(r => r.area === area), 'indicator_id').values()].map(own => own.at(-1));
    const lines = latest.map(own => ({ indicator_id: own.indicator_id, name: model.name(model.byId.get(own.indicator_id)), year: own.year, value: own.value, county: own.county_value, rank: own.best_rank }));
    $('township').hidden = !lines.length;
    $('township-name').textContent = area;
    $('township-table').replaceChildren(lines.length ? scrolling(`${area}各项指标`, grid({ columns: ['indicator_id', 'name', 'year', 'value', 'county', 'rank'], titles: { indicator_id: '编号', name: '指标', year: '年份', value: '本乡镇', county: '全县', rank: '名次' } }, lines, { caption: `${area}各项指标`, codes: ['indicator_id'],
      cells: { indicator_id: r => h('a', { href: `indicators.html#${r.indicator_id}` }, r.indicator_id), year: r => String(r.year), value: r => `${model.value(model.byId.get(r.indicator_id), r.value)} ${model.unit(model.byId.get(r.indicator_id))}`, county: r => model.value(model.byId.get(r.indicator_id), r.county) } })) : '');
  };

  address.follow(({ item, params }) => {
    const row = known.find(r => r.indicator_id === params.indicator) ?? known[0];
    const all = ofIndicator.get(row.indicator_id), years = unique(all.map(r => r.year)).sort((a, b) => b - a);
    const year = years.includes(Number(params.year)) ? Number(params.year) : years[0];
    $('indicator').value = row.indicator_id;
    $('year').replaceChildren(...years.map(y => h('option', { value: y }, `${y}年`)));
    $('year').value = year;
    const here = all.filter(r => r.year === year), rows = here.filter(r => r.is_township && !missing(r.value)), rest = here.find(r => !r.is_township);
    const byArea = new Map(rows.map(r => [r.area, r])), ranks = classes(rows);
    $('heading').replaceChildren(`${model.name(row)}，${year}年`, h('small', {}, `单位：${model.unit(row)} · 全县 ${model.value(row, here[0]?.county_value)} · ${row.direction === 'lower_better' ? '越低越好' : '越高越好'}`));
    $('map').replaceChildren(map ? drawMap(row, byArea, ranks, item) : drawTiles(row, byArea, ranks, item));
    $('ranking').replaceChildren(ranking(row, rows, Math.max(...rows.map(r => Math.abs(r.value)), 1e-12)));
    $('rest').textContent = rest ? '有一部分数量没有分到乡镇，各乡镇之和小于全县。' : '';
    $('all-years').replaceChildren(scrolling('逐年数值', pivot(row, all)));
    township(names.includes(item) ? item : '');
    drawn();
  });
})();
