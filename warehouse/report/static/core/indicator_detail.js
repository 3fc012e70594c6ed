/* An indicator in full: its line, findings, values by year, tasks, sources, method, areas. */
'use strict';
eco.indicatorDetail = (() => {
  const { h, table, text, figure, missing, group, parts, grid, scrolling, draw, drop, indicators: model, indicatorChart } = eco;
  const optional = name => table(name) ?? { rows: [], titles: {}, columns: [] };
  const findings = optional('findings'), lineage = table('lineage'), areas = optional('areas'), assignments = optional('assignments');
  const milestones = optional('milestones'), formulas = optional('formulas');
  const lineageOf = group(lineage?.rows ?? [], 'indicator_id'), areasOf = group(areas.rows, 'indicator_id');
  const assignmentsOf = group(assignments.rows, 'item_id'), sentenceOf = group(optional('sentences').rows, 'indicator_id');
  const formulaOf = new Map(formulas.rows.map(row => [row.indicator_id, row]));
  const findingsOf = new Map(model.rows.map(row => [row.indicator_id, []]));
  for (const finding of findings.rows) for (const id of parts(finding.indicator_ids)) findingsOf.get(id)?.push(finding);
  const departments = Object.fromEntries(model.rows.map(row => [row.responsible_department, row.responsible_department_zh]));
  const titles = new Map(optional('datasets').rows.map(row => [row.dataset, row.dataset_zh]));
  const datasets = codes => parts(codes).map(code => titles.get(code) ?? code).join('、');
  const BASIS = { computed: '计算', reported: '上报' };
  const BASE = { none: '不比较', previous_year: '上年', 2020: '2020年' };

  const figures = row => h('div', { class: 'figures' },
    h('div', { class: 'big' }, h('small', {}, row.latest_year ? `${row.latest_year}年实际` : '实际值'), h('b', {}, model.latest(row)), h('i', {}, missing(row.latest_value) ? '' : model.unit(row))),
    h('div', {}, h('small', {}, '年度节点'), h('b', {}, model.value(row, row.milestone_value))),
    h('div', {}, h('small', {}, '2020年基准'), h('b', {}, model.baseline(row)), row.baseline_conflict_zh ? h('small', {}, `另一规划：${row.baseline_conflict_zh}`) : null),
    h('div', {}, h('small', {}, '2025年目标'), h('b', {}, model.target(row)),
      h('small', {}, row.target_source === 'assigned' ? `${row.target_authority ?? ''}下达 ${row.target_document_no ?? ''}` : `规划原文：${row.target_2025_raw || '—'}`)),
    h('div', {}, h('small', {}, '完成进度'), h('b', {}, missing(row.progress_pct) ? '—' : `${figure(row.progress_pct, 0)}%`)));

  const byYear = row => {
    const values = new Map((model.valuesOf.get(row.indicator_id) ?? []).map(v => [v.year, v])), steps = new Map((indicatorChart.milestonesOf.get(row.indicator_id) ?? []).map(s => [s.year, s]));
    const years = [...new Set([...values.keys(), ...steps.keys()])].sort();
    const source = { columns: ['year', 'value', 'milestone', 'progress', 'status', 'basis', 'flagged'], titles: { year: '年份', value: '实际值', milestone: '年度节点', progress: '完成进度（%）', status: '状态', basis: '取值依据', flagged: '存疑' } };
    const rows = years.map(year => {
      const value = values.get(year), step = steps.get(year);
      return { year, value: value?.value ?? null, milestone: step?.milestone_value ?? null, progress: step?.progress_pct ?? null, status: step?.status_zh ?? '', state: step?.status, basis: BASIS[value?.basis] ?? '', flagged: value?.is_flagged ? '是' : '' };
    });
    return grid(source, rows, { fixed: true, digits: { year: 0, progress: 0 }, cells: { year: r => `${r.year}年`, value: r => model.value(row, r.value, r.milestone), milestone: r => missing(r.milestone) ? '' : model.value(row, r.milestone, r.value), status: r => r.state ? eco.chip(r.state, r.status) : '' } });
  };
  const pivot = (row, rows) => {
    const years = [...new Set(rows.map(r => r.year))].sort();
    const source = { columns: ['area', ...years.map(String)], titles: { area: '区域', ...Object.fromEntries(years.map(y => [String(y), `${y}年`])) } };
    const lines = [...group(rows, 'area')].map(([area, own]) => ({ area, ...Object.fromEntries(own.map(r => [String(r.year), r.value])) }));
    return grid({ ...source, columns: source.columns }, lines.map(line => ({ ...Object.fromEntries(source.columns.map(c => [c, null])), ...line })), { cells: Object.fromEntries(years.map(y => [String(y), r => model.value(row, r[String(y)])])) });
  };
  const sources = rows => {
    if (!lineage) return h('p', { class: 'note' }, '本次发布没有溯源表。');
    if (!rows.length) return h('p', { class: 'note' }, '尚无报送数据支撑本指标。');
    const files = group(rows, 'year');
    return [...files.keys()].sort((a, b) => b - a).map((year, i) => h('details', { open: i === 0 }, h('summary', {}, `${year}年：${files.get(year).length} 个文件`),
      scrolling(`${year}年数据溯源`, grid(lineage, files.get(year), { hide: ['indicator_id', 'year'], codes: ['file_name', 'sheet', 'row_number', 'submission_id'],
        cells: { department: row => departments[row.department] ?? row.department, dataset: row => datasets(row.dataset) } }))));
  };
  const method = row => {
    const formula = formulaOf.get(row.indicator_id), definition = model.known(row).definition_zh;
    if (!formula && !definition) return null;
    const facts = [['计量数值', formula?.quantity_zh], ['定义', definition], ['比较的量', formula?.change_of_zh], ['比较基期', BASE[formula?.comparison_base]], ['数据集', datasets(formula?.datasets)]];
    return [h('h3', {}, '计算方法'), h('dl', {}, facts.filter(([, words]) => words).map(([title, words]) => [h('dt', {}, title), h('dd', {}, words)]))];
  };
  const FACTS = ['plan', 'category', 'seq', 'domain_zh', 'nature', 'unit', 'target_source', 'target_issued_on', 'latest_basis', 'is_flagged', 'responsible_department_zh'];
  const CODED = { direction: { higher_better: '越高越好', lower_better: '越低越好' }, latest_basis: BASIS, target_source: { assigned: '上级下达', plan: '规划' } };

  let chart = null;
  const body = row => {
    const id = row.indicator_id, own = findingsOf.get(id), local = areasOf.get(id) ?? [], sentence = sentenceOf.get(id)?.[0], other = model.twin(row);
    chart = h('div', { class: 'chart large', 'data-chart': `full-${id}` });
    return [
      h('p', {}, eco.chip(row.status, row.status_zh), ' ', model.reason(row), '。 ', model.trendMark(row)),
      h('p', { class: 'note' }, `责任单位：${model.owner(row)}`, model.against ? `。较上次发布：${model.change(row)}` : ''),
      other ? h('p', { class: 'note' }, `对应指标（${model.known(row).twin_relation_zh}）：`, h('a', { href: `#${other.indicator_id}`, onclick: event => { event.preventDefault(); eco.address.open(other.indicator_id); } }, `${other.indicator_id} ${model.name(other)}`), `，${other.status_zh}。${model.difference(row)}`) : null,
      sentence ? h('blockquote', {}, sentence.quote, `（规划${row.plan} ${sentence.section}，期限 ${sentence.deadline}）`) : null,
      figures(row), chart,
      own.length ? [h('h3', {}, `问题（${own.length}）`), scrolling('问题', grid(findings, own, { hide: ['finding_id', 'rule', 'indicator_ids', 'subject', 'subject_zh', 'severity', 'state', 'mended_on', 'dataset', 'year', 'area', 'department', 'department_zh', 'expected', 'observed', 'explained_by'] }))] : null,
      h('h3', {}, '逐年数值'), scrolling('逐年数值', byYear(row)),
      h('h3', {}, '任务分解'),
      assignmentsOf.has(id) ? scrolling('任务分解', grid(assignments, assignmentsOf.get(id), { hide: ['item_id'] }))
        : h('p', { class: 'note' }, '年度工作计划尚未把本指标分解落实到责任单位。'),
      h('h3', {}, '数据溯源', ' ', h('small', { class: 'note' }, '全县数值由下列报送文件的行得出')), sources(lineageOf.get(id) ?? []),
      method(row),
      local.length ? [h('h3', {}, '各区域数值'), scrolling('各区域数值', pivot(row, local))] : null,
      h('p', { class: 'note' }, '本指标数据（定义、历年数值、许可）：', ['json', 'csv'].map(form => [' ', h('a', { href: `../open_data/indicators/${id}.${form}` }, form.toUpperCase())])),
      h('h3', {}, '其他'),
      h('dl', {}, h('dt', {}, '方向'), h('dd', {}, CODED.direction[row.direction] ?? ''), FACTS.filter(c => !missing(row[c])).map(c => [h('dt', {}, model.source.titles[c]), h('dd', {}, CODED[c]?.[row[c]] ?? text(row[c]))])),
    ];
  };
  const dialog = eco.itemDialog();
  dialog.element.addEventListener('close', () => dialog.element.querySelectorAll('.chart').forEach(drop));
  const open = row => {
    dialog.show([h('small', { translate: 'no' }, row.indicator_id), row.name_zh], row.status, body(row));
    draw(chart, indicatorChart.option(row, true), { label: indicatorChart.label(row) });
  };
  return { open, close: dialog.hide, findingsOf };
})();
