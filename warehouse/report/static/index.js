/* The indicators: tiles, filters, cards with their charts, the indicator in full, townships, findings. */
'use strict';
(() => {
  const { table, h, figure, text, group, grid, pressed, download, options, colour, font, draw, drop } = eco;
  const $ = id => document.getElementById(id);
  const indicators = table('indicators'), statuses = table('statuses'), findings = table('findings');
  const areas = table('areas'), lineage = table('lineage'), milestones = table('milestones'), sentences = table('sentences');
  const valuesOf = group(table('values').rows, 'indicator_id');
  const milestonesOf = group(milestones.rows, 'indicator_id');
  const lineageOf = lineage && group(lineage.rows, 'indicator_id');
  const areasOf = group(areas.rows, 'indicator_id');
  const sentenceOf = group(sentences?.rows ?? [], 'indicator_id');
  const ids = text => (text ?? '').split(/;\s*/).filter(Boolean);
  const findingsOf = new Map(indicators.rows.map(row => [row.indicator_id, []]));
  for (const finding of findings.rows) for (const id of ids(finding.indicator_ids)) findingsOf.get(id)?.push(finding);
  const formulaOf = new Map((table('formulas')?.rows ?? []).map(row => [row.indicator_id, row]));
  const formulaTitles = table('formulas')?.titles ?? {};
  const departments = Object.fromEntries(indicators.rows.map(row => [row.responsible_department, row.responsible_department_zh]));
  const assignments = table('assignments'), workPlan = table('work_plan');
  const assignmentsOf = group(assignments?.rows ?? [], 'item_id');
  const datasetTitles = new Map((table('datasets')?.rows ?? []).map(row => [row.dataset, row.dataset_zh]));
  const datasets = codes => ids(codes).map(code => datasetTitles.get(code) ?? code).join('、');
  const byId = new Map(indicators.rows.map(row => [row.indicator_id, row]));
  const natureOf = row => row.nature ?? '文本目标';
  const symbol = { '>=': '≥', '<=': '≤', '=': '' };
  const target = row => row.target_in_force === null ? (row.target_2025_raw || '未下达') : `${symbol[row.target_comparator] ?? ''}${figure(row.target_in_force)}`;
  const baseline = row => row.baseline_2020_raw ?? figure(row.baseline_2020);

  /* ---- The line of an indicator ---- */
  const lineOption = (row, large) => {
    const values = valuesOf.get(row.indicator_id) ?? [], steps = milestonesOf.get(row.indicator_id) ?? [];
    const way = steps.filter(s => s.milestone_value !== null).map(s => [String(s.year), s.milestone_value]);
    if (way.length && row.starting_value !== null) way.unshift(['2020', row.starting_value]);
    const actual = values.map(v => ({ value: [String(v.year), v.value], symbol: v.is_flagged ? 'emptyCircle' : 'circle' }));
    const years = [2020, ...steps.map(s => s.year), ...values.map(v => v.year)];
    const first = Math.min(...years), last = Math.max(...years);
    const strong = colours[row.status], size = large ? 13 : 11;
    const goal = row.target_in_force;
    const every = Math.ceil(values.length * 50 / Math.min(innerWidth - 70, 900)); // the labels that fit side by side
    return {
      grid: { left: 4, right: large ? 16 : 10, top: large ? 34 : 12, bottom: 2, containLabel: true },
      tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, valueFormatter: v => `${figure(Array.isArray(v) ? v[1] : v)} ${row.unit}` },
      legend: large ? { top: 0, left: 0, icon: 'roundRect', data: ['实际值', '年度节点', '2025年目标'] } : undefined,
      xAxis: { type: 'category', data: Array.from({ length: last - first + 1 }, (_, i) => String(first + i)), axisLabel: { fontSize: size, hideOverlap: true, interval: large ? 0 : Math.ceil((last - first + 1) / 6) - 1 }, axisTick: { show: false }, axisLine: { lineStyle: { color: '#aab6bb' } } },
      yAxis: { type: 'value', scale: true, splitNumber: large ? 5 : 3, axisLabel: { fontSize: size, formatter: v => figure(v, 4) }, splitLine: { lineStyle: { color: '#edf1f2' } } },
      graphic: actual.length ? undefined : { type: 'text', right: 14, top: large ? 40 : 6, style: { text: '尚无实际值', fill: '#87929a', fontSize: size, fontFamily: font } },
      series: [
        { name: '年度节点', type: 'line', data: way, symbol: large ? 'emptyDiamond' : 'none', lineStyle: { type: 'dashed', width: 1.5, color: '#8796a0' }, itemStyle: { color: '#8796a0' } },
        { name: '实际值', type: 'line', data: actual, symbolSize: large ? 8 : 6, lineStyle: { width: 2.5, color: strong }, itemStyle: { color: strong }, z: 3,
          label: large ? { show: true, position: 'top', fontSize: 12, formatter: p => (values.length - 1 - p.dataIndex) % every ? '' : figure(p.value[1]) } : undefined },
        { name: '2025年目标', type: 'line', data: goal === null ? [] : [['2025', goal]], symbol: 'diamond', symbolSize: large ? 12 : 9, itemStyle: { color: '#1d2b33' }, z: 4,
          markLine: goal === null ? undefined : { silent: true, symbol: 'none', lineStyle: { color: '#1d2b33', type: [2, 3], width: 1 }, label: { show: false }, data: [{ yAxis: goal }] } },
      ],
    };
  };

  /* The text alternative of the line. */
  const spoken = row => (valuesOf.get(row.indicator_id) ?? []).map(v => `${v.year}年 ${figure(v.value)}`).join('，') || '尚无实际值';

  /* ---- Tiles ---- */
  const filter = { status: '' };
  const tiles = statuses.rows.map(row => h('button', { class: 'tile', type: 'button', 'data-status': row.status, 'aria-pressed': 'false', onclick: () => {
    filter.status = filter.status === row.status ? '' : row.status;
    $('status').value = filter.status && row.status_zh;
    apply();
  } }, h('span', {}, row.status_zh), h('b', {}, String(row.indicators)), h('small', {}, `${statuses.titles.indicators} · 另有文本目标 ${row.text_targets}`)));
  $('tiles').append(...tiles);
  const colours = Object.fromEntries(statuses.rows.map((row, i) => [row.status, colour(tiles[i])]));

  /* ---- Filters ---- */
  const fields = { domain: 'domain_zh', department: 'responsible_department_zh', status: 'status_zh' };
  options($('domain'), indicators.rows.map(row => row.domain_zh), '全部领域');
  options($('nature'), indicators.rows.map(natureOf), '全部属性');
  options($('department'), indicators.rows.map(row => row.responsible_department_zh), '全部部门');
  options($('status'), statuses.rows.map(row => row.status_zh), '全部状态');
  for (const id of ['domain', 'nature', 'department', 'status', 'flagged', 'search']) $(id).addEventListener('input', () => apply());
  $('clear').addEventListener('click', () => {
    for (const id of ['domain', 'nature', 'department', 'status', 'search']) $(id).value = '';
    $('flagged').checked = false;
    apply();
  });
  const matches = row => Object.entries(fields).every(([id, field]) => !$(id).value || row[field] === $(id).value)
    && (!$('nature').value || natureOf(row) === $('nature').value)
    && (!$('flagged').checked || row.is_flagged || findingsOf.get(row.indicator_id).length)
    && (!$('search').value.trim() || $('search').value.trim().toLowerCase().split(/\s+/).every(word =>
      [row.indicator_id, row.name_zh, row.category, row.domain_zh, row.responsible_department_zh, row.status_zh, row.unit].join(' ').toLowerCase().includes(word)));

  /* ---- Cards and table ---- */
  const tags = row => h('div', { class: 'tags' },
    h('span', { class: row.nature === '约束性' ? 'tag binding' : 'tag' }, natureOf(row)),
    h('span', { class: 'tag' }, row.responsible_department_zh),
    findingsOf.get(row.indicator_id).length ? h('span', { class: 'tag flag' }, `⚑ 问题 ${findingsOf.get(row.indicator_id).length}`) : null,
    row.is_flagged ? h('span', { class: 'tag flag' }, '数值存疑') : null);
  const bar = row => row.progress_pct === null ? null : h('div', { class: 'bar', title: `${indicators.titles.progress_pct} ${figure(row.progress_pct, 1)}` },
    h('div', { style: `width:${Math.max(0, Math.min(100, row.progress_pct))}%` }));
  const cards = new Map();
  const card = row => {
    const chart = h('div', { class: 'chart', 'data-chart': row.indicator_id });
    const element = h('article', { class: 'card', 'data-status': row.status, 'data-id': row.indicator_id, tabindex: '0', role: 'button', 'aria-label': `${row.indicator_id} ${row.name_zh}`,
      onclick: () => open(row.indicator_id), onkeydown: pressed(() => open(row.indicator_id)) },
    h('div', { class: 'head' }, h('h4', {}, h('small', {}, row.indicator_id), row.name_zh), h('span', { class: 'chip' }, row.status_zh)),
    tags(row),
    h('div', { class: 'figures' },
      h('div', { class: 'big' }, h('small', {}, row.latest_year ? `${row.latest_year}年实际` : '实际值'), h('b', {}, figure(row.latest_value)), h('i', {}, row.latest_value === null ? '' : row.unit)),
      h('div', {}, h('small', {}, '2020年基准'), h('b', {}, baseline(row))),
      h('div', {}, h('small', {}, '2025年目标'), h('b', {}, target(row)))),
    bar(row), chart);
    cards.set(row.indicator_id, { element, chart, row });
    return element;
  };
  const domains = group(indicators.rows, 'domain_zh');
  const sections = [...domains].map(([name, rows]) => {
    const count = h('small', {});
    const element = h('section', {}, h('h2', {}, name, count), h('div', { class: 'cards' }, rows.map(card)));
    $('cards').append(element);
    return { element, count, rows };
  });
  const listed = ['indicator_id', 'name_zh', 'unit', 'nature', 'baseline_2020_raw', 'target_in_force', 'target_2025_raw', 'latest_year', 'latest_value', 'milestone_value', 'progress_pct', 'status_zh', 'responsible_department_zh'];
  const fillTable = rows => $('table').replaceChildren(grid({ ...indicators, columns: listed }, rows, { onrow: row => open(row.indicator_id),
    cells: { status_zh: row => h('span', { class: 'chip', 'data-status': row.status }, row.status_zh), progress_pct: row => figure(row.progress_pct, 1) } }));

  let view = 'cards';
  const apply = () => {
    const shown = indicators.rows.filter(matches), visible = new Set(shown.map(row => row.indicator_id));
    for (const [id, { element }] of cards) element.hidden = !visible.has(id);
    for (const section of sections) {
      const here = section.rows.filter(row => visible.has(row.indicator_id)).length;
      section.element.hidden = !here;
      section.count.textContent = `${here} 项`;
    }
    filter.status = statuses.rows.find(row => row.status_zh === $('status').value)?.status ?? '';
    tiles.forEach(tile => tile.setAttribute('aria-pressed', String(tile.dataset.status === filter.status)));
    $('count').textContent = `显示 ${shown.length} / ${indicators.rows.length} 项`;
    const filters = ['domain', 'nature', 'department', 'status'].map(id => $(id).value).concat($('search').value.trim(), $('flagged').checked ? '有问题或存疑' : '').filter(Boolean);
    $('printed-filter').textContent = filters.length ? `筛选：${filters.join('、')}（${shown.length} 项）` : `全部 ${shown.length} 项`;
    $('nothing').hidden = shown.length > 0;
    $('cards').hidden = view !== 'cards';
    $('table').hidden = view !== 'table';
    if (view === 'table') fillTable(shown);
    else drawNext();
  };
  for (const button of document.querySelectorAll('[data-view]')) button.addEventListener('click', () => {
    view = button.dataset.view;
    document.querySelectorAll('[data-view]').forEach(other => other.setAttribute('aria-pressed', String(other === button)));
    apply();
  });

  /* Draw all charts, a few at a time so that the page stays responsive. */
  const waiting = [...indicators.rows.map(row => row.indicator_id)];
  let drawing = false;
  const drawNext = () => {
    if (drawing) return;
    drawing = true;
    // Measured once: measuring after each chart would force a layout of the whole page each time.
    const seen = indicators.rows.map(row => cards.get(row.indicator_id)).find(({ element }) => !element.hidden)?.chart;
    const size = [seen?.clientWidth || 300, seen?.clientHeight || 132];
    const step = () => {
      const until = performance.now() + 40;
      while (waiting.length && performance.now() < until) {
        const { chart, row } = cards.get(waiting.shift());
        draw(chart, lineOption(row, false), { size, label: `${row.name_zh}：${spoken(row)}` });
      }
      if (waiting.length) setTimeout(step);
      else { drawing = false; document.documentElement.dataset.drawn = String(Math.round(performance.now())); }
    };
    step();
  };

  /* ---- Overview ---- */
  const stacked = (element, field) => {
    const groups = [...group(indicators.rows.filter(row => row.nature), field)].reverse();
    draw(element, {
      grid: { left: 4, right: 12, top: element.clientWidth < 480 ? 56 : 30, bottom: 4, containLabel: true },
      tooltip: { renderMode: 'richText', confine: true },
      legend: { top: 0, left: 0, right: 0, itemWidth: 12, itemHeight: 12, itemGap: 12, textStyle: { fontSize: 12 } },
      xAxis: { type: 'value', minInterval: 1, splitLine: { lineStyle: { color: '#edf1f2' } } },
      yAxis: { type: 'category', data: groups.map(([name]) => name), axisTick: { show: false }, axisLabel: { width: 128, overflow: 'truncate' } },
      series: statuses.rows.map(status => ({ name: status.status_zh, type: 'bar', stack: 'all', barMaxWidth: 22, itemStyle: { color: colours[status.status] },
        label: { show: true, fontSize: 11, color: '#fff', formatter: p => p.value || '' },
        data: groups.map(([, rows]) => rows.filter(row => row.status === status.status).length) })),
    }, { label: `各${field === 'domain_zh' ? '领域' : '责任部门'}的指标数，按状态：${groups.map(([name, rows]) => `${name} ${rows.length}`).reverse().join('，')}` }).on('click', event => { $(field === 'domain_zh' ? 'domain' : 'department').value = event.name; apply(); $('filters').scrollIntoView(); });
  };

  /* ---- The indicator in full ---- */
  const dialog = $('full');
  const open = id => {
    const row = byId.get(id);
    if (!row) return;
    const chart = h('div', { class: 'chart large', 'data-chart': `full-${id}` });
    const own = findingsOf.get(id), local = areasOf.get(id) ?? [], rows = lineageOf?.get(id) ?? [];
    const values = new Map((valuesOf.get(id) ?? []).map(v => [v.year, v])), steps = new Map((milestonesOf.get(id) ?? []).map(s => [s.year, s]));
    const years = [...new Set([...values.keys(), ...steps.keys()])].sort();
    const files = group(rows, 'year');
    const formula = formulaOf.get(id);
    const sentence = sentenceOf.get(id)?.[0];
    const lineageYears = [...files.keys()].sort((a, b) => b - a);
    dialog.dataset.status = row.status;
    dialog.replaceChildren(
      h('div', { class: 'title' }, h('h2', {}, h('small', {}, id), row.name_zh), h('span', { class: 'chip' }, row.status_zh),
        h('button', { class: 'button no-paper', type: 'button', onclick: () => dialog.close(), 'aria-label': '关闭' }, '关闭')),
      h('div', { class: 'body' },
        tags(row),
        sentence ? h('blockquote', {}, sentence.quote, `（规划${row.plan} ${sentence.section}，期限 ${sentence.deadline}）`) : null,
        h('div', { class: 'figures' },
          h('div', { class: 'big' }, h('small', {}, row.latest_year ? `${row.latest_year}年实际` : '实际值'), h('b', {}, figure(row.latest_value)), h('i', {}, row.unit)),
          h('div', {}, h('small', {}, indicators.titles.milestone_value), h('b', {}, figure(row.milestone_value))),
          h('div', {}, h('small', {}, indicators.titles.baseline_2020_raw), h('b', {}, baseline(row)), row.baseline_conflict_zh ? h('small', {}, `另一规划：${row.baseline_conflict_zh}`) : null),
          h('div', {}, h('small', {}, indicators.titles.target_in_force), h('b', {}, target(row)),
            h('small', {}, row.target_source === 'assigned' ? `${row.target_authority ?? ''}下达 ${row.target_document_no ?? ''}` : `规划原文：${row.target_2025_raw || '—'}`)),
          h('div', {}, h('small', {}, indicators.titles.progress_pct), h('b', {}, figure(row.progress_pct, 1)))),
        chart,
        own.length ? [h('h3', {}, `问题（${own.length}）`), h('div', { class: 'scroll stack' }, grid(findings, own, { hide: ['rule', 'indicator_ids', 'subject', 'severity', 'state', 'mended_on', 'dataset', 'year', 'area', 'department', 'department_zh', 'expected', 'observed', 'explained_by'] }))] : null,
        h('h3', {}, '逐年数值'),
        h('div', { class: 'scroll' }, h('table', {},
          h('thead', {}, h('tr', {}, [milestones.titles.year, '实际值', milestones.titles.milestone_value, milestones.titles.progress_pct, milestones.titles.status_zh, indicators.titles.latest_basis, indicators.titles.is_flagged].map(t => h('th', {}, t)))),
          h('tbody', {}, years.map(year => {
            const value = values.get(year), step = steps.get(year);
            return h('tr', {}, h('td', {}, String(year)), h('td', { class: 'number' }, figure(value?.value)), h('td', { class: 'number' }, figure(step?.milestone_value)), h('td', { class: 'number' }, figure(step?.progress_pct, 1)),
              h('td', {}, step ? h('span', { class: 'chip', 'data-status': step.status }, step.status_zh) : ''), h('td', {}, { computed: '计算', reported: '上报' }[value?.basis] ?? ''), h('td', {}, text(value?.is_flagged)));
          })))),
        h('h3', {}, '任务分解'),
        assignmentsOf.has(id) ? h('div', { class: 'scroll stack' }, grid(assignments, assignmentsOf.get(id), { hide: ['item_id'] }))
          : h('p', { class: 'note' }, '年度工作计划尚未把本指标分解落实到责任单位和责任人。'),
        h('h3', {}, '数据溯源', ' ', h('small', { class: 'note' }, '全县数值由下列报送文件的行得出')),
        !lineage ? h('p', { class: 'note' }, '本次发布没有溯源表。')
          : !rows.length ? h('p', { class: 'note' }, '尚无报送数据支撑本指标。')
            : lineageYears.map((year, i) => h('details', { open: i === 0 }, h('summary', {}, `${year}年：${files.get(year).length} 个文件`),
              h('div', { class: 'scroll' }, grid(lineage, files.get(year), { hide: ['indicator_id', 'year'],
                cells: { department: row => departments[row.department] ?? row.department, dataset: row => datasets(row.dataset) } })))),
        formula ? [h('h3', {}, '计算方法'), h('dl', {}, ['quantity_zh', 'formula', 'change_of_zh', 'change_of_formula', 'comparison_base', 'datasets'].filter(c => formula[c]).map(c => [h('dt', {}, formulaTitles[c]), h('dd', {}, c === 'datasets' ? datasets(formula[c]) : text(formula[c]))]))] : null,
        local.length ? [h('h3', {}, '各区域数值'), h('div', { class: 'scroll' }, pivot(local))] : null,
        h('h3', {}, '全部字段'),
        h('dl', {}, indicators.columns.filter(c => row[c] !== null && row[c] !== '').map(c => [h('dt', {}, indicators.titles[c]), h('dd', {}, text(row[c]))]))));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    draw(chart, lineOption(row, true), { label: `${row.name_zh}：${spoken(row)}` });
    history.replaceState(null, '', `#${id}`);
  };
  dialog.addEventListener('close', () => { dialog.querySelectorAll('.chart').forEach(drop); history.replaceState(null, '', location.pathname + location.search); });
  dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
  const pivot = rows => {
    const years = [...new Set(rows.map(r => r.year))].sort();
    return h('table', {}, h('thead', {}, h('tr', {}, h('th', {}, areas.titles.area), years.map(y => h('th', {}, `${y}年`)))),
      h('tbody', {}, [...group(rows, 'area')].map(([area, own]) => h('tr', {}, h('td', {}, area),
        years.map(y => h('td', { class: 'number' }, figure(own.find(r => r.year === y)?.value)))))));
  };

  /* ---- Townships ---- */
  const showAreas = () => {
    const id = $('area-indicator').value, row = byId.get(id), all = areasOf.get(id) ?? [];
    const known = [...new Set(all.map(r => r.year))].sort((a, b) => b - a);
    const year = known.includes(Number($('area-year').value)) ? Number($('area-year').value) : known[0];
    $('area-year').replaceChildren(...known.map(y => h('option', { value: y }, `${y}年`)));
    $('area-year').value = year;
    const here = all.filter(r => r.year === year).sort((a, b) => row.direction === 'lower_better' ? b.value - a.value : a.value - b.value);
    $('area-chart').style.height = `${Math.max(160, here.length * 26 + 50)}px`;
    draw($('area-chart'), {
      grid: { left: 4, right: 50, top: 26, bottom: 4, containLabel: true },
      title: { text: `${row.name_zh}（${row.unit}），${year}年`, textStyle: { fontSize: 13, fontWeight: 600 } },
      tooltip: { renderMode: 'richText', confine: true, valueFormatter: v => `${figure(v)} ${row.unit}` },
      xAxis: { type: 'value', splitLine: { lineStyle: { color: '#edf1f2' } } },
      yAxis: { type: 'category', data: here.map(r => r.area), axisTick: { show: false }, axisLabel: { interval: 0 } },
      series: [{ type: 'bar', data: here.map(r => r.value), barMaxWidth: 16, itemStyle: { color: '#2f8f6b' }, label: { show: true, position: 'right', formatter: p => figure(p.value) },
        markLine: row.target_in_force === null ? undefined : { silent: true, symbol: 'none', lineStyle: { color: '#1d2b33', type: 'dashed' }, label: { formatter: '目标', position: 'start' }, data: [{ xAxis: row.target_in_force }] } }],
    }, { label: `${row.name_zh}，${year}年各乡镇：${[...here].reverse().map(r => `${r.area} ${figure(r.value)}`).join('，')}` });
    $('area-table').replaceChildren(pivot(all));
  };
  const withAreas = indicators.rows.filter(row => areasOf.has(row.indicator_id));
  if (withAreas.length) {
    $('area-indicator').append(...withAreas.map(row => h('option', { value: row.indicator_id }, `${row.indicator_id} ${row.name_zh}`)));
    for (const id of ['area-indicator', 'area-year']) $(id).addEventListener('input', showAreas);
  }
  $('area-panel').hidden = !withAreas.length;
  $('area-none').hidden = withAreas.length > 0;

  /* ---- Findings ---- */
  if (findings.rows.length) {
    $('findings').append(grid(findings, findings.rows, { hide: ['rule', 'subject', 'severity', 'state', 'mended_on', 'department', 'explained_by'],
      cells: { dataset: row => datasets(row.dataset), indicator_ids: row => ids(row.indicator_ids).map(id => h('a', { href: `#${id}` }, `${id} `)) } }));
  } else $('findings').append(h('p', { class: 'empty' }, '没有未决问题。'));
  if (workPlan) $('work-plan').append(grid(workPlan, workPlan.rows));
  $('findings-count').textContent = `${findings.rows.length} 条`;
  window.addEventListener('hashchange', () => open(location.hash.slice(1)));

  stacked($('by-domain'), 'domain_zh');
  stacked($('by-department'), 'responsible_department_zh');
  apply();
  if (withAreas.length) showAreas();
  if (byId.has(location.hash.slice(1))) open(location.hash.slice(1));
})();
