/* The first screen: what needs attention, what is attained, what is left. */
'use strict';
(() => {
  const { $, h, table, shape, folded, drawn, indicators: model } = eco;
  const { rows, inPlan, paired, byUrgency, reason, change, owner, trendMark, statusChip, link, relation } = model;
  const plan = rows.filter(inPlan), texts = rows.filter(row => !inPlan(row));
  const having = (list, status) => list.filter(row => row.status === status).sort(byUrgency);

  /* ---- Counts ---- */
  $('tiles').append(...model.ORDER.map(status => h('a', { class: 'tile', 'data-status': status, href: `indicators.html#status=${encodeURIComponent(model.statusZh[status])}` },
    h('span', {}, shape(status), model.statusZh[status]), h('b', {}, String(having(plan, status).length)),
    h('small', {}, `规划指标 · 正文目标另有${having(texts, status).length}项`))));

  /* ---- What needs attention ---- */
  const facts = row => [['原因', reason(row)], ['责任单位', owner(row)], ['较上次发布', change(row) ?? '首次发布，没有可比较的上一期']];
  const entry = group => h('li', { class: 'entry', 'data-status': [...group].sort(byUrgency)[0].status },
    group.length > 1 ? h('p', { class: 'note' }, [relation(group[0]), model.difference(group[0])].filter(Boolean).join('。')) : null,
    group.map(row => h('article', { 'data-id': row.indicator_id },
      h('h3', {}, statusChip(row), h('a', { href: link(row) }, h('small', { translate: 'no' }, row.indicator_id), model.name(row)), row.nature === '约束性' ? h('span', { class: 'tag binding' }, '约束性') : null, trendMark(row)),
      h('dl', {}, facts(row).map(([title, words]) => [h('dt', {}, title), h('dd', {}, words)])))));
  const urgent = [...having(plan, 'regressed'), ...having(plan, 'behind')];
  const names = (list, limit = 8) => list.slice(0, limit).map(model.name).join('、') + (list.length > limit ? '等' : '');
  const leads = (list, kind) => ['regressed', 'behind'].map(status => [status, list.filter(row => row.status === status)]).filter(([, own]) => own.length)
    .map(([status, own]) => h('p', { class: 'lead', 'data-status': status }, shape(status), h('b', {}, `${kind}${own.length}项${model.statusZh[status]}`), `：${names(own)}`));
  $('attention').append(...(urgent.length ? leads(urgent, '') : [h('p', { class: 'lead', 'data-status': 'good' }, shape('good'), '规划指标中没有倒退或滞后的。')]));
  if (urgent.length) $('attention').append(h('ol', { class: 'entries' }, paired(urgent).map(entry)));
  const textsBehind = [...having(texts, 'regressed'), ...having(texts, 'behind')];
  if (textsBehind.length) {
    $('attention').append(...leads(textsBehind, '规划正文目标'),
      folded('逐项查看', () => h('ol', { class: 'entries' }, paired(textsBehind).map(entry)), { open: !urgent.length }));
  }

  /* ---- The rest, shorter ---- */
  const line = group => h('li', {}, group.map(row => h('p', { 'data-status': row.status }, shape(row.status), h('a', { href: link(row) }, h('small', { translate: 'no' }, row.indicator_id), model.name(row)), ' ', h('span', { class: 'note' }, reason(row)), ' ', trendMark(row))));
  const short = (id, status, fold) => {
    const all = having(rows, status), list = paired(having(plan, status)), more = having(texts, status);
    if (!all.length) return;
    const heading = `${model.statusZh[status]} ${having(plan, status).length} 项`;
    const title = h('h3', {}, shape(status), heading);
    const content = () => [h('ul', { class: 'lines' }, list.map(line)),
      more.length ? folded(`规划正文目标${more.length}项`, () => h('ul', { class: 'lines' }, paired(more).map(line))) : null];
    $(id).append(fold ? folded(title, content, { class: 'panel' }) : h('section', { class: 'panel' }, title, content()));
  };
  short('reached', 'attained', false);
  short('reached', 'on_track', false);
  short('left', 'target_not_assigned', true);
  short('left', 'not_measured', true);

  /* ---- Data, alerts, projects: one line each ---- */
  const state = table('state');
  const by = Object.fromEntries((state?.rows ?? []).map(row => [row.subject, row]));
  const sentence = (key, href, words) => by[key] && h('li', {}, shape(by[key].level), h('a', { href }, words(by[key])));
  $('state').append(...[
    sentence('alerts', 'daily.html', r => r.total ? `最近七天有${r.marked}次环境警示（判定${r.total}次）` : '最近七天没有可判定的监测数据'),
    sentence('overdue', 'daily.html', r => `应报数据中有${r.marked}项逾期未报`),
    sentence('findings', 'findings.html', r => `数据问题${r.total}条未决，其中强制性${r.marked}条`),
    sentence('projects', 'projects.html', r => `重点工程${r.total}项，其中${r.marked}项停工、逾期或进度滞后，${r.others}项未报送`),
  ].filter(Boolean));
  drawn();
})();
