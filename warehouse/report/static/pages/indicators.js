/* All indicators: cards (one for a pair of both plans) or a table, filters, the indicator in full. */
'use strict';
(() => {
  const { $, h, figure, missing, unique, grid, scrolling, draw, phone, drawn, address, indicators: model, indicatorChart, indicatorDetail } = eco;
  const { rows, natureOf } = model;
  const STEP = phone.matches ? 10 : 24;
  const doubtful = row => row.is_flagged || indicatorDetail.findingsOf.get(row.indicator_id).length > 0;
  const listed = rows.map(row => ({ row, words: model.searchable(row), indicator_id: row.indicator_id, kind: model.inPlan(row) ? '规划指标' : '规划正文目标', domain: row.domain_zh, nature: row.nature, department: row.responsible_department_zh, status: row.status_zh, doubt: doubtful(row) ? '有问题或存疑' : '没有' }));
  const values = name => unique(listed.map(each => each[name]));
  const chosen = eco.filters({ label: '指标', results: () => $('results'), choices: [
    { name: 'status', title: '状态', values: model.ORDER.map(status => model.statusZh[status]) },
    { name: 'kind', title: '类别', values: values('kind') },
    { name: 'domain', title: '领域', values: values('domain') },
    { name: 'nature', title: '属性', values: values('nature') },
    { name: 'department', title: '责任部门', values: values('department') },
    { name: 'doubt', title: '数据', values: ['有问题或存疑', '没有'] },
  ] });
  const views = ['图卡', '列表'].map(name => h('button', { class: 'button', type: 'button', 'data-view': name, onclick: () => address.set('view', name === '图卡' ? '' : name) }, name));
  $('filters').append(chosen.element, h('div', { class: 'seg' }, views));

  /* ---- Cards ---- */
  const bar = row => missing(row.progress_pct) ? null : h('div', { class: 'bar', role: 'img', 'aria-label': `完成进度${figure(row.progress_pct, 0)}%` },
    h('div', { 'data-status': row.status, style: `width:${Math.max(0, Math.min(100, row.progress_pct))}%` }));
  const line = row => {
    const count = indicatorDetail.findingsOf.get(row.indicator_id).length;
    const chart = h('div', { class: 'chart', 'data-chart': row.indicator_id });
    return [chart, h('div', { class: 'line', 'data-status': row.status, 'data-id': row.indicator_id },
      h('h3', {}, h('a', { href: `#${row.indicator_id}`, onclick: event => { event.preventDefault(); address.open(row.indicator_id); }, 'aria-label': `${row.indicator_id} ${row.name_zh}，${row.status_zh}，实际${model.latest(row)}${missing(row.latest_value) ? '' : model.unit(row)}` }, h('small', { translate: 'no' }, row.indicator_id), model.name(row)), model.statusChip(row)),
      h('div', { class: 'tags' }, h('span', { class: row.nature === '约束性' ? 'tag binding' : 'tag' }, natureOf(row)), h('span', { class: 'tag' }, row.responsible_department_zh),
        count ? h('span', { class: 'tag flag' }, `问题 ${count}`) : null, row.is_flagged ? h('span', { class: 'tag flag' }, '数值存疑') : null),
      h('div', { class: 'figures' },
        h('div', { class: 'big' }, h('small', {}, row.latest_year ? `${row.latest_year}年实际` : '实际值'), h('b', {}, model.latest(row)), h('i', {}, missing(row.latest_value) ? '' : model.unit(row))),
        h('div', {}, h('small', {}, '2020年基准'), h('b', {}, model.baseline(row))),
        h('div', {}, h('small', {}, '2025年目标'), h('b', { class: missing(row.target_in_force) ? 'words' : null }, model.target(row)))),
      model.trendMark(row), bar(row), chart)];
  };
  const cards = new Map();
  const card = group => {
    const key = group.map(row => row.indicator_id).join('+');
    if (!cards.has(key)) {
      const lines = group.map(row => [row, ...line(row)]);
      const element = h('article', { class: 'card', 'data-card': key }, group.length > 1 ? h('p', { class: 'note' }, [model.relation(group[0]), model.difference(group[0])].filter(Boolean).join('。')) : null, lines.map(([, , part]) => part));
      cards.set(key, { element, waiting: lines.map(([row, chart]) => ({ row, chart })) });
    }
    return cards.get(key);
  };
  /* Draw the charts of the cards that are shown, a few at a time so that the page stays responsive. */
  let waiting = [], drawing = false;
  const drawNext = () => {
    if (drawing) return;
    drawing = true;
    // Measured once: measuring after each chart would force a layout of the whole page each time.
    const seen = waiting[0]?.chart;
    const size = [seen?.clientWidth || 300, seen?.clientHeight || 110];
    const step = () => {
      const until = performance.now() + 40;
      while (waiting.length && performance.now() < until) {
        const { chart, row } = waiting.shift();
        draw(chart, indicatorChart.option(row, false), { size, label: indicatorChart.label(row) });
      }
      if (waiting.length) setTimeout(step);
      else { drawing = false; drawn(); }
    };
    step();
  };

  const COLUMNS = ['indicator_id', 'name_zh', 'unit', 'nature', 'baseline_2020_raw', 'target_in_force', 'latest_year', 'latest_value', 'milestone_value', 'progress_pct', 'status_zh', 'responsible_department_zh'];
  const tableOf = (shown, sort) => scrolling('指标列表', grid({ ...model.source, columns: COLUMNS }, eco.sorted(shown, sort), { caption: '指标', sort, onsort: by => address.set('sort', by), onrow: row => address.open(row.indicator_id), codes: ['indicator_id'],
    cells: { status_zh: model.statusChip, progress_pct: row => figure(row.progress_pct, 0), latest_year: row => missing(row.latest_year) ? '' : String(row.latest_year), latest_value: model.latest, milestone_value: row => model.value(row, row.milestone_value), target_in_force: model.target } }));

  /* ---- What the address asks for ---- */
  let limit = STEP, last = null, shown = [];
  const fill = params => {
    const asTable = params.view === '列表';
    views.forEach(button => button.setAttribute('aria-pressed', String((button.dataset.view === '列表') === asTable)));
    const groups = model.paired(shown), visible = asTable ? [] : groups.slice(0, limit).map(card);
    $('count').textContent = `${shown.length} / ${rows.length} 项` + (groups.length < shown.length ? `，其中${shown.length - groups.length}对两规划相关的指标各为一张卡片` : '');
    $('results').replaceChildren(shown.length ? asTable ? tableOf(shown, params.sort) : h('div', { class: 'cards' }, visible.map(each => each.element)) : h('p', { class: 'empty' }, '没有符合条件的指标。'));
    const left = groups.length - limit;
    $('more').hidden = asTable || left <= 0;
    $('more').textContent = `再显示 ${Math.min(STEP, left)} 张（余 ${left} 张）`;
    waiting.push(...visible.flatMap(each => each.waiting.splice(0)));
    if (asTable) drawn(); else drawNext();
  };
  $('more').addEventListener('click', () => { limit += STEP; fill(address.read().params); });
  addEventListener('beforeprint', () => { limit = Infinity; fill(address.read().params); while (waiting.length) { const { chart, row } = waiting.shift(); draw(chart, indicatorChart.option(row, false), { label: indicatorChart.label(row) }); } });
  address.follow(({ item, params }) => {
    const state = chosen.read(params), match = eco.matcher(state.q);
    const now = JSON.stringify([state, params.view, params.sort]);
    if (now !== last) {
      if (last !== null) limit = STEP;
      last = now;
      shown = listed.filter(each => chosen.matches(each, state) && match(each.words)).map(each => each.row).sort(model.byUrgency);
      const filters = Object.values(state).filter(Boolean);
      $('printed-filter').textContent = filters.length ? `筛选：${filters.join('、')}（${shown.length} 项）` : `全部 ${shown.length} 项`;
      fill(params);
    }
    const row = model.byId.get(item);
    if (row) indicatorDetail.open(row); else indicatorDetail.close();
  });
})();
