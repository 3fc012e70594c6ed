/* What surrounds every page: menu, colours, printing. */
'use strict';
(() => {
  const { $ } = eco, root = document.documentElement;
  const menu = $('menu'), toggle = $('menu-toggle');
  toggle?.addEventListener('click', () => {
    const open = menu.toggleAttribute('data-open');
    toggle.setAttribute('aria-expanded', String(open));
  });

  const theme = $('theme');
  const name = () => { if (theme) theme.textContent = root.dataset.theme === 'dark' ? '浅色' : '深色'; };
  const turn = to => {
    root.dataset.theme = to;
    name();
    dispatchEvent(new Event('themechange'));
  };
  theme?.addEventListener('click', () => {
    turn(root.dataset.theme === 'dark' ? 'light' : 'dark');
    try { localStorage.setItem('eco-theme', root.dataset.theme); } catch { /* a browser that keeps nothing */ }
  });
  name();
  /* Paper is light. */
  let before = null;
  addEventListener('beforeprint', () => {
    document.querySelectorAll('details:not([open]):not(.filters)').forEach(element => { element.open = true; });
    if (root.dataset.theme === 'dark') { before = 'dark'; turn('light'); }
  });
  addEventListener('afterprint', () => { if (before) turn(before); before = null; });
  document.querySelectorAll('[data-print]').forEach(button => button.addEventListener('click', () => print()));
})();
