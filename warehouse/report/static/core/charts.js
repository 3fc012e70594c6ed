/* Charts by ECharts: drawn in the page's colours, again when these change; patterns beside the colours. */
'use strict';
Object.assign(eco, (() => {
  const charts = new Map();
  const font = getComputedStyle(document.body).fontFamily;
  const style = getComputedStyle(document.documentElement);
  /* The value of a CSS variable now, for example colour('--ink'). */
  const colour = name => style.getPropertyValue(name).trim();
  /* The pattern that marks the n-th colour of a chart. */
  const PATTERNS = [null, { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4 }, { symbol: 'circle', dashArrayX: [[8, 8], [0, 8, 8, 0]], dashArrayY: [6, 0], symbolSize: 0.7 },
    { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4 }, { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5] }];
  const pattern = n => PATTERNS[n % PATTERNS.length] && { color: 'rgba(255,255,255,.55)', ...PATTERNS[n % PATTERNS.length] };

  /* Draw a chart into an element, replacing the chart that is there. `make` returns the ECharts option. */
  const draw = (element, make, { size = [element.clientWidth || 300, element.clientHeight || 132], label = null } = {}) => {
    charts.get(element)?.chart.dispose();
    const chart = echarts.init(element, null, { renderer: 'svg', width: size[0], height: size[1] });
    charts.set(element, { chart, make });
    chart.setOption({ animation: false, textStyle: { fontFamily: font, color: colour('--soft') }, ...make() });
    const svg = element.querySelector('svg');
    svg?.setAttribute('viewBox', `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
    element.setAttribute('role', 'img');
    if (label) element.setAttribute('aria-label', label);
    return chart;
  };
  const drop = element => { charts.get(element)?.chart.dispose(); charts.delete(element); };
  const axis = () => ({ axisTick: { show: false }, axisLine: { lineStyle: { color: colour('--line-strong') } }, axisLabel: { color: colour('--soft') }, splitLine: { lineStyle: { color: colour('--line') } } });

  let resizing;
  addEventListener('resize', () => {
    if (matchMedia('print').matches) return;
    clearTimeout(resizing);
    resizing = setTimeout(() => {
      for (const [element, { chart }] of charts) {
        if (element.clientWidth && element.clientWidth !== chart.getWidth()) {
          chart.resize({ width: element.clientWidth, height: element.clientHeight });
          element.querySelector('svg')?.setAttribute('viewBox', `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
        }
      }
    }, 120);
  });
  addEventListener('themechange', () => {
    for (const { chart, make } of charts.values()) chart.setOption({ animation: false, textStyle: { fontFamily: font, color: colour('--soft') }, ...make() }, true);
  });
  return { colour, font, pattern, axis, draw, drop };
})());
