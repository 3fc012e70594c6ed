/* The summary for paper: counts, what needs attention, all plan indicators in one table. */
'use strict';
(() => {
  const { $, h, grid, shape, drawn, indicators: model } = eco;
  const plan = model.rows.filter(model.inPlan);
  const having = status => plan.filter(row => row.status === status).sort(model.byUrgency);
  $('counts').append(h('p', {}, `规划指标${plan.length}项：`, model.ORDER.map((status, i) => [i ? '，' : '', shape(status), `${model.statusZh[status]}${having(status).length}项`]), '。'));
  const urgent = [...having('regressed'), ...having('behind')];
  const columns = { id: '编号', name: '指标', status: '状态', reason: '原因', owner: '责任单位', change: '较上次发布' };
  const lines = list => list.map(row => ({ row, id: row.indicator_id, name: model.name(row), status: row.status_zh, reason: model.reason(row), owner: model.owner(row), change: model.change(row) ?? '首次发布' }));
  $('attention').append(urgent.length ? eco.scrolling('需要关注', grid({ columns: Object.keys(columns), titles: columns }, lines(urgent), { fixed: true, caption: '需要关注', codes: ['id'], cells: { status: r => model.statusChip(r.row) } })) : h('p', { class: 'note' }, '没有倒退或滞后的规划指标。'));
  const all = { id: '编号', name: '指标', unit: '单位', baseline: '2020年基准', latest: '最新值', year: '年份', target: '2025年目标', status: '状态', owner: '责任单位' };
  $('indicators').append(eco.scrolling('全部规划指标', grid({ columns: Object.keys(all), titles: all }, [...plan].sort(model.byUrgency).map(row => ({ row, id: row.indicator_id, name: model.name(row), unit: model.unit(row), baseline: model.baseline(row), latest: model.latest(row), year: row.latest_year ? String(row.latest_year) : '—', target: model.target(row), status: row.status_zh, owner: row.responsible_department_zh })),
    { fixed: true, caption: '全部规划指标', codes: ['id'], cells: { status: r => model.statusChip(r.row) } })));
  drawn();
})();
