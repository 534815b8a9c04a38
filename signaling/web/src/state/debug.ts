/** Counters for tests, which prove that a new speaker or another layout needs no new offer. Exposed with `?debug` only. */
export const counters = { offers: 0, ws: 0, slots: 0 };

declare global {
  interface Window {
    __plenary?: typeof counters;
  }
}

export function exposeCounters(): void {
  if (new URLSearchParams(location.search).has("debug")) window.__plenary = counters;
}
