/* Filters above a list: a search field and one choice per column. Their state is in the address; on a
   phone they are folded, so that a list is in view as soon as something is chosen. */
'use strict';
Object.assign(eco, (() => {
  const { h, address, parts, unique } = eco;
  const phone = matchMedia('(max-width: 760px)');

  /* The element, and `read(params)` that sets the fields and returns what is chosen. `choices` are
     { name, title, values }; `prefix` keeps the names of several lists of a page apart; `results` is what a
     choice scrolls into view. */
  const filters = ({ prefix = '', choices, label, results, more = [] }) => {
    const name = key => prefix + key;
    const set = (key, value, options) => {
      address.set(name(key), value, options);
      if (phone.matches && !options) { element.open = false; results().scrollIntoView(); }
    };
    const search = h('input', { type: 'search', oninput: () => set('q', search.value.trim(), { replace: true }) });
    const fields = new Map(choices.filter(choice => choice.values.length > 1).map(choice => {
      const select = h('select', { 'data-filter': choice.name, onchange: () => set(choice.name, select.value) });
      eco.options(select, choice.values, '全部');
      return [choice.name, { ...choice, select }];
    }));
    const chosen = h('b', { class: 'chosen' });
    const clear = h('button', { type: 'button', class: 'button', onclick: () => {
      const state = address.read();
      for (const key of ['q', ...fields.keys()]) delete state.params[name(key)];
      address.write(state);
    } }, '清除');
    const element = h('details', { class: 'filters', open: !phone.matches }, h('summary', {}, '查找与筛选 ', chosen),
      h('div', { role: 'search', 'aria-label': label },
        h('label', { class: 'search' }, '查找', search),
        [...fields.values()].map(({ title, select }) => h('label', {}, title, select)), more, clear));
    const read = params => {
      const state = { q: params[name('q')] ?? '' };
      if (document.activeElement !== search) search.value = state.q;
      for (const [key, { select }] of fields) { select.value = params[name(key)] ?? ''; state[key] = select.value; }
      const words = unique(Object.values(state));
      chosen.textContent = words.join('、');
      clear.hidden = !words.length;
      return state;
    };
    /* Whether a row has the chosen value in each column. */
    const matches = (row, state) => [...fields].every(([key]) => !state[key] || parts(row[key]).includes(state[key]) || String(row[key]) === state[key]);
    return { element, read, matches };
  };
  return { filters, phone };
})());
