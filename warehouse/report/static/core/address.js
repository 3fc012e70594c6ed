/* The state of a page in its address, so that a link or the back button restores it:
   `#A02&status=behind&q=水` is the opened item and the filters. */
'use strict';
Object.assign(eco, (() => {
  const listeners = [];
  const decode = text => { try { return decodeURIComponent(text); } catch { return text; } };

  const read = () => {
    const state = { item: '', params: {} };
    for (const part of location.hash.slice(1).split('&').filter(Boolean)) {
      const at = part.indexOf('=');
      if (at < 0) state.item = decode(part);
      else state.params[decode(part.slice(0, at))] = decode(part.slice(at + 1));
    }
    return state;
  };
  const hash = ({ item = '', params = {} }) => '#' + [item && encodeURIComponent(item),
    ...Object.entries(params).filter(([, value]) => value).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)].filter(Boolean).join('&');
  /* Whether the entry before this one in the history is the page without the opened item. */
  let pushed = false;
  const changed = () => { const state = read(); pushed &&= Boolean(state.item); for (const listener of listeners) listener(state); };

  /* Change the state. `replace` leaves no entry for the back button (typing in a field). */
  const write = (state, { replace = false } = {}) => {
    const wanted = hash(state);
    if (wanted === (location.hash || '#')) return;
    if (replace || wanted === '#') {
      history[replace ? 'replaceState' : 'pushState'](null, '', wanted === '#' ? location.pathname + location.search : wanted);
      changed();
    } else location.hash = wanted;
  };
  const address = {
    read, write, hash,
    set: (name, value, options) => { const state = read(); state.params[name] = value; write(state, options); },
    open: item => {
      const state = read(), first = !state.item;
      pushed ||= first;
      write({ ...state, item }, { replace: !first });
    },
    close: () => { if (pushed) history.back(); else write({ ...read(), item: '' }, { replace: true }); },
    /* Call a function with the state now and whenever it changes. */
    follow: listener => { listeners.push(listener); listener(read()); },
  };
  addEventListener('hashchange', changed);
  return { address };
})());
