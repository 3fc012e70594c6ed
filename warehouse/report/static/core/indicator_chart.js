/* The line of an indicator: values, milestones, target. */
'use strict';
eco.indicatorChart = (() => {
  const { table, group, missing, figure, colour, font, axis, indicators: model } = eco;
  const milestonesOf = group(table('milestones')?.rows ?? [], 'indicator_id');
  const valuesOf = row => model.valuesOf.get(row.indicator_id) ?? [];

  const option = (row, large) => () => {
    const values = valuesOf(row), steps = milestonesOf.get(row.indicator_id) ?? [];
    const way = steps.filter(s => !missing(s.milestone_value)).map(s => [String(s.year), s.milestone_value]);
    if (way.length && !missing(row.starting_value)) way.unshift(['2020', row.starting_value]);
    const actual = values.map(v => ({ value: [String(v.year), v.value], symbol: v.is_flagged ? 'emptyCircle' : 'circle' }));
    const years = [2020, ...steps.map(s => s.year), ...values.map(v => v.year)];
    const first = Math.min(...years), last = Math.max(...years);
    const ink = colour('--ink'), soft = colour('--soft'), strong = colour(`--s-${row.status}`), size = large ? 13 : 11;
    const goal = row.target_in_force;
    const every = Math.ceil(values.length * 50 / Math.min(innerWidth - 70, 900)); // the labels that fit side by side
    return {
      grid: { left: 4, right: large ? 16 : 10, top: large ? 34 : 12, bottom: 2, containLabel: true },
      tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, valueFormatter: v => `${model.value(row, Array.isArray(v) ? v[1] : v)} ${model.unit(row)}` },
      legend: large ? { top: 0, left: 0, icon: 'roundRect', data: ['实际值', '年度节点', '2025年目标'], textStyle: { color: soft } } : undefined,
      xAxis: { type: 'category', data: Array.from({ length: last - first + 1 }, (_, i) => String(first + i)), ...axis(), splitLine: { show: false }, axisLabel: { color: soft, fontSize: size, hideOverlap: true, interval: large ? 0 : Math.ceil((last - first + 1) / 6) - 1 } },
      yAxis: { type: 'value', scale: true, splitNumber: large ? 5 : 2, ...axis(), axisLine: { show: false }, axisLabel: { color: soft, fontSize: size, formatter: v => figure(v, 4) } },
      graphic: actual.length ? undefined : { type: 'text', right: 14, top: large ? 40 : 6, style: { text: '尚无实际值', fill: soft, fontSize: size, fontFamily: font } },
      series: [
        { name: '年度节点', type: 'line', data: way, symbol: large ? 'emptyDiamond' : 'none', lineStyle: { type: 'dashed', width: 1.5, color: soft }, itemStyle: { color: soft } },
        { name: '实际值', type: 'line', data: actual, symbolSize: large ? 8 : 6, lineStyle: { width: 2.5, color: strong }, itemStyle: { color: strong }, z: 3,
          label: large ? { show: true, position: 'top', fontSize: 12, color: ink, formatter: p => (values.length - 1 - p.dataIndex) % every ? '' : model.value(row, p.value[1]) } : undefined },
        { name: '2025年目标', type: 'line', data: missing(goal) ? [] : [['2025', goal]], symbol: 'diamond', symbolSize: large ? 12 : 9, itemStyle: { color: ink }, z: 4,
          markLine: missing(goal) ? undefined : { silent: true, symbol: 'none', lineStyle: { color: ink, type: [2, 3], width: 1 }, label: { show: false }, data: [{ yAxis: goal }] } },
      ],
    };
  };
  /* The text alternative of the line: name, status, values. */
  const label = row => `${row.name_zh}，${row.status_zh}，目标${model.target(row)}：${valuesOf(row).map(v => `${v.year}年 ${model.value(row, v.value)}`).join('，') || '尚无实际值'}`;
  return { option, label, milestonesOf };
})();
