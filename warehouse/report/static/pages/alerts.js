/* 日警示, 周分析, 月通报: one period at a time. All numbers come from the same rows: the days in `days`,
   and the marts of weeks and months, which are their sums. */
'use strict';
(() => {
  const { content, $, table, h, figure, group, grid, chip, shape, options, draw, axis, pattern, colour, download, drawn } = eco;
  const page = document.body.dataset.page;
  const days = table('days'), alerts = table('alerts'), periods = table('periods');
  const edition = content.edition;
  if (!days || !days.rows.length) {
    $('none').hidden = false;
    $('all').hidden = true;
    drawn();
    return;
  }

  /* The kinds of alerts with title, colour, unit; those of supervision, which only have alerts, count as one. */
  const SUPERVISION = 'supervision';
  const MONITORED = [['air_county', '全县环境空气', '#2a6fb5', '天'], ['air_station', '站点环境空气', '#7fb2df', '站日'],
    ['water_section', '地表水断面', '#1f8a8a', '断面日'], ['plant_effluent', '污水处理厂出水', '#a0783c', '厂月'], ['overdue', '数据逾期', '#7a66a8', '项']];
  const monitoredKinds = new Set(MONITORED.map(([kind]) => kind));
  for (const row of [...days.rows, ...alerts.rows, ...periods?.rows ?? []]) row.family = monitoredKinds.has(row.kind) ? row.kind : SUPERVISION;
  const KINDS = days.rows.some(row => row.family === SUPERVISION) ? [...MONITORED, [SUPERVISION, '监管警示', '#b0567a', '起']] : MONITORED;
  const order = Object.fromEntries(KINDS.map(([kind], i) => [kind, i]));
  const DAY = 86400000;
  const parse = text => new Date(`${text}T00:00:00Z`);
  const iso = date => date.toISOString().slice(0, 10);
  const plus = (text, n) => iso(new Date(parse(text).getTime() + n * DAY));
  const short = text => `${Number(text.slice(5, 7))}月${Number(text.slice(8))}日`;
  const weekday = text => '日一二三四五六'[parse(text).getUTCDay()];
  const until = edition?.last ?? content.publication.day;

  /* ---- The periods: label, first and last day ---- */
  const monday = text => plus(text, -((parse(text).getUTCDay() + 6) % 7));
  const monthEnd = text => iso(new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)));
  const isoWeek = first => {
    const thursday = parse(plus(first, 3)), year = thursday.getUTCFullYear();
    return `${year}-W${String(Math.floor((thursday - Date.UTC(year, 0, 1)) / DAY / 7) + 1).padStart(2, '0')}`;
  };
  const periodOf = {
    daily: day => ({ label: day, first: day, last: day, title: `${day.slice(0, 4)}年${short(day)} 星期${weekday(day)}` }),
    weekly: day => {
      const first = monday(day), label = isoWeek(first);
      return { label, first, last: plus(first, 6), title: `${label.slice(0, 4)}年第${Number(label.slice(6))}周（${short(first)}至${short(plus(first, 6))}）` };
    },
    monthly: day => ({ label: day.slice(0, 7), first: `${day.slice(0, 7)}-01`, last: monthEnd(day), title: `${day.slice(0, 4)}年${Number(day.slice(5, 7))}月` }),
  }[page];
  const word = { daily: '当日', weekly: '本周', monthly: '本月' }[page];
  const wordBefore = { daily: '前一日', weekly: '上周', monthly: '上月' }[page];
  const earliest = days.rows[0].day;
  const all = [];
  for (let p = periodOf(until); p.last >= earliest; p = periodOf(plus(p.first, -1))) all.push(p);
  const place = new Map(all.map((p, i) => [p.label, i]));
  const dayRows = group(days.rows, 'day');
  const daysOf = p => { const found = []; for (let d = p.first; d <= p.last; d = plus(d, 1)) found.push(d); return found; };
  const zero = { judged: 0, alerts: 0, serious: 0 };
  /* Sums over the days of a period, by kind. */
  const counts = p => {
    const sums = {};
    for (const day of daysOf(p)) for (const row of dayRows.get(day) ?? []) {
      const sum = sums[row.family] ??= { ...zero };
      for (const key of Object.keys(zero)) sum[key] += row[key];
    }
    return sums;
  };
  const inside = (p, day) => day >= p.first && day <= p.last;

  const monitored = all.find(p => (p.last < until || edition || page === 'daily') && Object.entries(counts(p)).some(([kind, c]) => kind !== 'overdue' && c.judged));
  const first = edition ? all[0] : monitored ?? all.find(p => p.last <= until) ?? all[0];
  const running = p => p.last >= until && !edition && page !== 'daily';

  /* ---- Parts ---- */
  const level = count => !count?.judged ? 'none' : count.serious ? 'serious' : count.alerts ? 'alert' : 'good';
  const change = (now, before) => before === undefined || before === null ? '' : now === before ? '持平' : now > before ? `+${now - before}` : `−${before - now}`;
  $('tiles').classList.toggle('five', KINDS.length === 5);
  const tiles = (now, before) => $('tiles').replaceChildren(...KINDS.map(([kind, title]) => {
    const count = now[kind];
    return h('div', { class: 'tile', 'data-level': level(count) }, h('span', {}, shape(level(count)), title),
      h('b', {}, count ? String(count.alerts) : kind === SUPERVISION ? '0' : '—'),
      h('small', {}, kind === SUPERVISION ? `严重 ${count?.serious ?? 0}` : count ? `判定 ${count.judged}${count.serious ? ` · 严重 ${count.serious}` : ''}` : '无数据'),
      h('small', {}, before[kind] ? `${wordBefore} ${before[kind].alerts}` : kind === SUPERVISION ? `${wordBefore} 0` : `${wordBefore}无数据`));
  }));

  /* 台账逾期 3 起（严重 1）；未按期检查 2 起. */
  const byTitle = rows => [...group(rows, 'kind_zh')].sort((a, b) => b[1].length - a[1].length).map(([title, own]) => {
    const serious = own.filter(r => r.is_serious).length;
    return `${title} ${own.length} 起${serious ? `（严重 ${serious}）` : ''}`;
  }).join('；');

  /* The summary of a period, one sentence per kind. */
  const sentences = (p, now, before, rows) => {
    const of = Object.fromEntries(group(rows, 'family'));
    const lines = [];
    for (const [kind, title, , unit] of KINDS) {
      const count = now[kind];
      if (kind === SUPERVISION) {
        lines.push([title, `${count ? `新增 ${count.alerts} 起：${byTitle(of[kind] ?? [])}` : '没有新增'}，${wordBefore} ${before[kind]?.alerts ?? 0} 起。`]);
        continue;
      }
      if (!count) { if (kind !== 'plant_effluent' || page === 'monthly') lines.push([title, kind === 'overdue' ? `${word}没有到期的报送。` : '没有可判定的数据。']); continue; }
      const own = of[kind] ?? [];
      const items = [...new Set(own.flatMap(r => kind === 'overdue' ? [] : (r.exceeded_zh ?? '').split('; ').filter(Boolean).map(t => t.split(' ')[0])))];
      const earlier = before[kind] ? `，${wordBefore} ${before[kind].alerts} ${unit}` : '';
      let sentence;
      if (kind === 'overdue') {
        const open = own.filter(r => r.ended_on === null || r.ended_on > until).length;
        sentence = count.alerts ? `${word}新增逾期 ${count.alerts} 项，其中 ${open} 项${edition ? '截至本期末' : '至今'}未报${earlier}。` : `${word}到期 ${count.judged} 项，均按时报送${earlier}。`;
      } else if (!count.alerts) sentence = `判定 ${count.judged} ${unit}，没有超标${earlier}。`;
      else {
        const where = kind === 'air_county' ? '' : `，涉及 ${[...new Set(own.map(r => r.object))].join('、')}`;
        const worst = [...own].sort((a, b) => b.is_serious - a.is_serious)[0];
        sentence = `判定 ${count.judged} ${unit}，超标 ${count.alerts} ${unit}${count.serious ? `（严重 ${count.serious}）` : ''}${earlier}${where}${items.length ? `；超标项目：${items.join('、')}` : ''}${count.serious && worst ? `；严重的如${short(worst.day)}${worst.object} ${worst.observed_zh}` : ''}。`;
      }
      lines.push([title, sentence]);
    }
    return lines.map(([title, sentence]) => h('p', {}, h('b', {}, `${title}　`), sentence));
  };

  const byDay = (p, chosen) => {
    const list = daysOf(p).filter(d => d <= until);
    const total = counts(p), marts = group(periods.rows.filter(r => r.label === p.label), 'family');
    $('by-day').replaceChildren(h('table', {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, '类别'), list.map(d => h('th', { scope: 'col', class: 'number' }, short(d), h('br'), h('small', {}, `周${weekday(d)}`))), h('th', { scope: 'col', class: 'number' }, '合计'), h('th', { scope: 'col', class: 'number' }, wordBefore))),
      h('tbody', {}, KINDS.filter(([kind]) => total[kind]).map(([kind, title]) => h('tr', {}, h('th', { scope: 'row' }, title),
        list.map(d => { const c = counts({ first: d, last: d })[kind]; return h('td', { class: 'number', 'data-level': level(c) }, c ? String(c.alerts) : '·'); }),
        h('td', { class: 'number', 'data-total': kind }, h('b', {}, String((marts.get(kind) ?? []).reduce((n, r) => n + r.alerts, 0)))),
        h('td', { class: 'number' }, chosen[kind] ? String(chosen[kind].alerts) : '—'))))));
  };

  const bars = (element, labels, sums, label, onclick) => {
    const kinds = KINDS.filter(([kind]) => sums.some(s => s[kind]));
    const chart = draw(element, () => ({
      grid: { left: 4, right: 12, top: 56, bottom: 4, containLabel: true },
      legend: { top: 0, left: 0, right: 0, itemWidth: 12, itemHeight: 12, itemGap: 12, textStyle: { fontSize: 12, color: colour('--soft') } },
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, renderMode: 'richText', confine: true },
      xAxis: { type: 'category', data: labels, ...axis(), splitLine: { show: false }, axisLabel: { hideOverlap: true, fontSize: 11, color: colour('--soft') } },
      yAxis: { type: 'value', minInterval: 1, ...axis() },
      series: kinds.map(([kind, title, tint], i) => ({ name: title, type: 'bar', stack: 'all', barMaxWidth: 26, itemStyle: { color: tint, decal: pattern(i) }, cursor: onclick ? 'pointer' : 'default', data: sums.map(s => s[kind]?.alerts ?? null) })),
    }), { label: `${label}：${labels.map((name, i) => `${name} ${kinds.reduce((n, [kind]) => n + (sums[i][kind]?.alerts ?? 0), 0)}`).join('，')}` });
    if (onclick) chart.on('click', event => onclick(event.dataIndex));
  };

  const sorted = rows => [...rows].sort((a, b) => order[a.family] - order[b.family]);
  const objects = rows => {
    const source = { ...periods, columns: ['kind_zh', 'object', 'department_zh', 'judged', 'alerts', 'serious_alerts', 'exceeded_items', 'largest_multiple', 'worst_zh', 'worst_on',
      ...(page === 'weekly' ? ['week_before_alerts'] : ['month_before_alerts', 'year_before_alerts']), 'change'], titles: { ...periods.titles, change: '增减' } };
    const before = page === 'weekly' ? 'week_before_alerts' : 'month_before_alerts';
    const shown = sorted(rows).map(r => ({ ...r, change: change(r.alerts, r[before]), serious_alerts: r.serious_alerts || null }));
    eco.paged($('objects'), shown, visible => visible.length ? grid(source, visible, { cells: { largest_multiple: r => figure(r.largest_multiple, 2), alerts: r => h('b', { 'data-level': level({ ...r, serious: r.serious_alerts }) }, String(r.alerts)) } }) : h('p', { class: 'empty' }, '没有可判定的数据。'));
  };

  const chooseTable = (name, id, rows, opts = {}) => {
    const source = table(name);
    $(`${id}-section`).hidden = !source || !rows.length;
    if (source && rows.length) $(id).replaceChildren(grid(source, rows, opts));
  };
  const departments = p => {
    const own = periods.rows.filter(r => r.label === p.label && r.kind === 'overdue');
    const titles = { department_zh: '部门', judged: '到期', on_time: '按时', alerts: '逾期', open: edition ? '期末未报' : '至今未报' };
    // Missing at the end of an edition is what was received after it, whatever has been received since.
    const missing = group(alerts.rows.filter(r => r.kind === 'overdue' && inside(p, r.day) && (r.ended_on === null || r.ended_on > until)), 'department_zh');
    const rows = [...group(own, 'department_zh')].map(([department_zh, list]) => {
      const judged = list.reduce((n, r) => n + r.judged, 0), late = list.reduce((n, r) => n + r.alerts, 0);
      return { department_zh, judged, on_time: judged - late, alerts: late, open: missing.get(department_zh)?.length ?? 0 };
    }).sort((a, b) => b.alerts - a.alerts);
    $('departments-section').hidden = !rows.length;
    $('departments').replaceChildren(grid({ columns: Object.keys(titles), titles }, rows));
  };

  /* ---- One period ---- */
  let listed = [], current = first;
  const show = p => {
    current = p;
    const i = place.get(p.label), before = periodOf(plus(p.first, -1));
    const department = $('department').value;
    const now = counts(p), earlier = counts(before);
    const rows = sorted(alerts.rows.filter(r => inside(p, r.day)));
    listed = rows.filter(r => !department || r.department_zh === department);
    $('period').value = p.label;
    $('later').disabled = i === 0;
    $('earlier').disabled = i === all.length - 1;
    $('heading').textContent = p.title;
    $('state').textContent = running(p) ? `进行中，数据截至 ${until}` : '';
    tiles(now, earlier);
    $('summary').replaceChildren(...sentences(p, now, earlier, rows));
    $('list-count').textContent = `${listed.length} 条${department ? `（${department}）` : ''}`;
    $('download').hidden = !listed.length;
    eco.paged($('list'), listed.map(r => ({ ...r, period: r.period === r.day ? '' : r.period })), visible => visible.length ? grid(alerts, visible, { hide: ['kind', 'is_serious', ...(page === 'daily' ? ['day'] : []), ...(listed.some(r => r.is_flagged) ? [] : ['is_flagged'])],
      cells: { kind_zh: r => chip(r.is_serious ? 'serious' : 'alert', r.kind_zh + (r.is_serious ? ' · 严重' : '')), exceeded_zh: r => r.kind === 'overdue' ? '' : r.exceeded_zh ?? '' } }) : h('p', { class: 'empty' }, Object.keys(now).length ? `${word}没有警示。` : `${word}没有可判定的数据。`));
    if (page === 'daily') {
      const missing = table('missing'), open = missing.rows.filter(r => r.day <= p.last && (r.ended_on === null || r.ended_on > p.last) && (!department || r.department_zh === department));
      $('missing-count').textContent = `${open.length} 项`;
      eco.paged($('missing'), open.map(r => ({ ...r, days: Math.round((parse(p.last) - parse(r.day)) / DAY) + 1 })), visible => visible.length ? grid(missing, visible, { hide: ['day', 'is_serious', 'ended_on', 'observed_zh'], extra: { days: '已逾期（天）' } }) : h('p', { class: 'empty' }, '没有未报的数据。'));
    } else {
      objects(periods.rows.filter(r => r.label === p.label && (!department || r.department_zh === department)));
      if (page === 'weekly') byDay(p, earlier);
      else {
        const list = daysOf(p);
        bars($('by-day-chart'), list.map(d => String(Number(d.slice(8)))), list.map(d => counts({ first: d, last: d })), `${p.title}各日警示数`);
        chooseTable('air', 'air', (table('air')?.rows ?? []).filter(r => r.month === p.first), { hide: ['month'], cells: { good_day_share: r => figure(r.good_day_share, 1), composite_index: r => figure(r.composite_index, 2), ...Object.fromEntries(['pm25', 'pm10', 'so2', 'no2', 'co_p95', 'o3_8h_p90'].map(c => [c, r => figure(r[c], 1)])) } });
        chooseTable('sections', 'sections', (table('sections')?.rows ?? []).filter(r => r.month === p.first), { hide: ['month'], cells: { meets_target: r => r.meets_target === null ? '无目标' : chip(r.meets_target ? 'good' : 'alert', r.meets_target ? '达标' : '未达标') } });
        departments(p);
      }
    }
    const span = { daily: 30, weekly: 16, monthly: 13 }[page];
    const shown = all.slice(i, i + span).reverse();
    bars($('trend'), shown.map(s => page === 'monthly' ? s.label : page === 'weekly' ? s.label.slice(5) : s.label.slice(5)), shown.map(counts), `至${p.title}的警示数走势`, edition ? null : n => { go(shown[n]); scrollTo({ top: 0 }); });
    drawn();
  };
  const go = p => { show(p); history.replaceState(null, '', `#${p.label}`); };

  if (periods) { options($('department'), periods.rows.map(r => r.department_zh), '全部部门'); } else options($('department'), alerts.rows.map(r => r.department_zh), '全部部门');
  $('period').append(...all.map(p => h('option', { value: p.label }, running(p) ? `${p.title}（进行中）` : p.title)));
  $('period').addEventListener('input', () => go(all[place.get($('period').value)]));
  $('department').addEventListener('input', () => show(current));
  $('earlier').addEventListener('click', () => go(all[place.get(current.label) + 1]));
  $('later').addEventListener('click', () => go(all[place.get(current.label) - 1]));
  $('download').addEventListener('click', () => download(`${document.title.split(' ')[0]}-${current.label}.csv`, alerts, listed));
  if (edition) { $('choose').hidden = true; document.querySelector('#trend-title small').hidden = true; }
  const asked = () => all[place.get(decodeURIComponent(location.hash.slice(1)))];
  window.addEventListener('hashchange', () => { if (asked()) show(asked()); });
  show((!edition && asked()) || first);
})();
