/* What the pages know about the indicators: values in the decimals of the indicator, target, reason of the
   status, change since the last publication, trend, and which two belong together (both plans). */
'use strict';
eco.indicators = (() => {
  const { h, table, rounded, missing, group, parts, chip, unique } = eco;
  const source = table('indicators'), statuses = table('statuses');
  const rows = source.rows, byId = new Map(rows.map(row => [row.indicator_id, row]));
  const valuesOf = group(table('values')?.rows ?? [], 'indicator_id');
  const described = new Map((table('described')?.rows ?? []).map(row => [row.indicator_id, row]));
  const counts = new Map((table('finding_counts')?.rows ?? []).map(row => [row.indicator_id, row.findings]));
  const changesOf = group(table('changes')?.rows ?? [], 'indicator_id');
  const sentencesOf = group(table('sentences')?.rows ?? [], 'indicator_id');
  const unitsOf = group(table('assignments')?.rows ?? [], 'item_id');
  const inPlan = row => !missing(row.nature);
  const natureOf = row => row.nature ?? '规划正文目标';

  const known = row => described.get(row.indicator_id) ?? {};

  /* Decimals: those declared, else as many as the plan prints. */
  const printed = text => (/\d+\.(\d+)/.exec(text ?? '')?.[1].length) ?? 0;
  const digitsOf = row => known(row).decimals ?? Math.max(printed(row.baseline_2020_raw), printed(row.target_2025_raw), 1);
  /* A value in the indicator's decimals; in more where it would otherwise read like another value that it
     differs from (a target missed by less than the last digit). */
  const value = (row, number, ...against) => {
    if (missing(number)) return '—';
    const others = against.filter(other => typeof other === 'number' && Math.abs(other - number) > 1e-9);
    let digits = digitsOf(row);
    while (digits < 6 && others.some(other => rounded(other, digits) === rounded(number, digits))) digits += 1;
    return rounded(number, digits);
  };
  const unit = row => row.unit ?? '';
  const name = row => row.name_zh.replace(/[（(][%‰][)）]\s*$/, '');
  const latest = row => value(row, row.latest_value, row.target_in_force, row.milestone_value);
  const target = row => missing(row.target_in_force) ? (row.target_2025_raw || '未下达')
    : /^[≥≤]$/.test(row.target_comparator ?? '') ? `${row.target_comparator}${value(row, row.target_in_force)}`
      : row.target_comparator && row.target_comparator !== '=' ? `${row.target_comparator}（${value(row, row.target_in_force)}）` : value(row, row.target_in_force);
  const baseline = row => row.baseline_2020_raw ?? value(row, row.baseline_2020);

  /* Why it has its status, in a sentence. */
  const gap = (row, other) => value(row, Math.abs(row.latest_value - other));
  const reason = row => {
    const year = `${row.latest_year}年`, v = `${latest(row)}${unit(row)}`;
    const notes = [row.is_flagged ? '数值存疑' : '', counts.get(row.indicator_id) ? `有${counts.get(row.indicator_id)}条问题待核实` : ''].filter(Boolean);
    const why = {
      regressed: () => `${year}实际${v}，差于2020年的${missing(row.starting_value) ? baseline(row) : value(row, row.starting_value, row.latest_value)}`,
      behind: () => missing(row.milestone_value) ? `${year}实际${v}，未达目标${target(row)}；没有基准值，无法按年度判断`
        : `${year}实际${v}，未达当年节点${value(row, row.milestone_value, row.latest_value)}，差${gap(row, row.milestone_value)}`,
      on_track: () => `${year}实际${v}，达到当年节点${value(row, row.milestone_value)}，距目标差${missing(row.target_in_force) ? '—' : gap(row, row.target_in_force)}`,
      attained: () => `${year}实际${v}，达到目标${target(row)}`,
      target_not_assigned: () => `${year}实际${v}，上级尚未下达目标`,
      not_measured: () => '还没有收到能计算本指标的数据',
    }[row.status]();
    return [why, ...notes].join('；');
  };

  /* Trend against the year before: the arrow shows the direction of the value, the words what it means. */
  const trend = row => {
    const own = valuesOf.get(row.indicator_id) ?? [];
    const before = own.filter(v => v.year < row.latest_year).at(-1);
    if (missing(row.latest_value) || !before) return null;
    const by = row.latest_value - before.value;
    const size = Math.abs(by) < 5e-7 ? 0 : by;  // six decimals at most are shown
    const better = size === 0 ? null : (size > 0) === (row.direction !== 'lower_better');
    return { arrow: size > 0 ? '↑' : size < 0 ? '↓' : '→', better,
      words: size === 0 ? `与${before.year}年持平` : `较${before.year}年${size > 0 ? '升' : '降'}${value(row, Math.abs(size), 0)}，${better ? '向好' : '向差'}` };
  };
  const trendMark = row => {
    const now = trend(row);
    return now && h('span', { class: 'trend', 'data-level': now.better === null ? 'none' : now.better ? 'good' : 'alert' }, h('i', { 'aria-hidden': 'true' }, now.arrow), now.words);
  };

  /* The changes of an indicator since the last publication, in words; null where there is none to compare. */
  const against = eco.content.publication.before;
  const change = row => {
    if (!against) return null;
    const all = new Map((changesOf.get(row.indicator_id) ?? []).map(each => [each.column_name, each]));
    const status = all.get('status_zh'), figures = all.get('latest_value'), goal = all.get('target_in_force');
    const was = each => missing(each.old_value) ? '无' : value(row, Number(each.old_value), Number(each.new_value));
    return [status ? `由“${status.old_value}”变为“${status.new_value}”` : '',
      figures ? `数值由${was(figures)}变为${value(row, row.latest_value, Number(figures.old_value))}` : '',
      goal ? `目标由${was(goal)}变为${target(row)}` : ''].filter(Boolean).join('，') || '无变化';
  };
  const owner = row => unique([row.responsible_department_zh, ...parts(unitsOf.get(row.indicator_id)?.[0]?.responsible_unit)]).join('、');

  /* ---- Pairs of both plans ---- */
  const twin = row => byId.get(known(row).twin_id) ?? null;
  /* The other half of a pair: each names the other, and both are of the plans' tables or both of their texts. */
  const partner = row => { const other = twin(row); return other && twin(other) === row && inPlan(other) === inPlan(row) ? other : null; };
  const relation = row => inPlan(row) ? `两份规划的一对指标：${known(row).twin_relation_zh}` : known(row).twin_relation_zh;
  const difference = row => [known(row).twin_note_zh, known(row).twin_difference_zh].filter(Boolean).join('。');
  /* Rows in groups of one or two: those that belong together, each at the place of the first. */
  const paired = list => {
    const left = new Set(list), groups = [];
    for (const row of list) {
      if (!left.delete(row)) continue;
      const other = partner(row);
      groups.push(other && left.delete(other) ? [row, other].sort((a, b) => a.indicator_id < b.indicator_id ? -1 : 1) : [row]);
    }
    return groups;
  };

  /* ---- Order: what needs attention first ---- */
  const ORDER = ['regressed', 'behind', 'on_track', 'attained', 'target_not_assigned', 'not_measured'];
  const rank = row => ORDER.indexOf(row.status);
  const byUrgency = (a, b) => rank(a) - rank(b) || (a.nature === '约束性' ? 0 : 1) - (b.nature === '约束性' ? 0 : 1)
    || (a.progress_pct ?? 0) - (b.progress_pct ?? 0) || (a.indicator_id < b.indicator_id ? -1 : 1);
  const statusZh = Object.fromEntries(statuses.rows.map(row => [row.status, row.status_zh]));
  const statusChip = row => chip(row.status, row.status_zh);
  const searchable = row => eco.searchable(row.indicator_id, row.name_zh, row.category, row.domain_zh, owner(row), row.status_zh, row.unit, natureOf(row),
    known(row).definition_zh, ...(sentencesOf.get(row.indicator_id) ?? []).map(s => s.quote));
  const link = row => `indicators.html#${row.indicator_id}`;

  return { source, statuses, rows, byId, valuesOf, inPlan, natureOf, value, unit, name, latest, target, baseline, reason, trend, trendMark, change, against, owner,
    known, twin, relation, difference, paired, ORDER, byUrgency, statusZh, statusChip, searchable, link };
})();
