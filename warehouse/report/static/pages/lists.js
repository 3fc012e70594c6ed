/* A page that is made of the lists that pages.yml declares for it. */
'use strict';
(() => {
  const lists = eco.content.lists;
  for (const spec of lists) eco.listing(eco.$('lists'), spec, { several: lists.length > 1 });
  eco.drawn();
})();
