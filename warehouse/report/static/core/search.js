/* Search in rows: written forms are levelled (full width, case, spaces), and the names that the
   contracts give to one quantity find each other (PM2.5 and 细颗粒物). */
'use strict';
Object.assign(eco, (() => {
  const level = text => String(text ?? '').normalize('NFKC').toLowerCase().replace(/[\s_·()[\]{}<>《》“”"'、，,。:：;；-]+/g, '');
  const synonyms = (eco.content.synonyms ?? []).map(names => names.map(level));

  /* All ways to write a word: each known name in it replaced by each of its other names. */
  const forms = word => {
    const found = new Set([word]);
    for (const names of synonyms) for (const name of names) {
      if (name && word.includes(name)) for (const other of names) found.add(word.replaceAll(name, other));
    }
    return [...found];
  };
  /* A function that tells whether a text contains every word of a query. */
  const matcher = query => {
    const words = String(query ?? '').trim().split(/\s+/).map(level).filter(Boolean).map(forms);
    return words.length ? text => words.every(ways => ways.some(way => text.includes(way))) : () => true;
  };
  /* The text of a row that is searched. */
  const searchable = (...values) => level(values.filter(value => typeof value === 'string').join(' '));
  return { matcher, searchable };
})());
