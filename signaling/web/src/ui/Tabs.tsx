import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";

interface Props<T extends string> {
  label: string;
  tabs: { id: T; words: string; count?: number }[];
  chosen: T;
  choose(id: T): void;
  children: ComponentChildren;
}

/** One of several panels; arrow keys go from tab to tab (WAI-ARIA's tabs). */
export function Tabs<T extends string>({ label, tabs, chosen, choose, children }: Props<T>) {
  const list = useRef<HTMLDivElement>(null);
  // The chosen tab is in view, also once the list is shown or has become narrower.
  useEffect(() => {
    const observer = new ResizeObserver(() => list.current && reveal(list.current, `#tab-${chosen}`));
    if (list.current) observer.observe(list.current);
    return () => observer.disconnect();
  }, [chosen]);
  const key = (e: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.id === chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[e.key];
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    e.preventDefault();
    choose(next.id);
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={key}>
        {tabs.map(({ id, words, count }) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            aria-selected={id === chosen}
            aria-controls="tab-panel"
            tabIndex={id === chosen ? 0 : -1}
            onClick={() => choose(id)}
          >
            {words}
            {count ? <span class="count">{count}</span> : null}
          </button>
        ))}
      </div>
      <div class="tab-panel" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${chosen}`} tabIndex={0}>
        {children}
      </div>
    </>
  );
}

/** Scrolls a list to a tab. The list alone: `scrollIntoView` also moves the place from which the next Tab key goes on. */
function reveal(list: HTMLElement, tab: string): void {
  const chosen = list.querySelector(tab);
  if (!chosen) return;
  const [at, within] = [chosen.getBoundingClientRect(), list.getBoundingClientRect()];
  // What lies over the end of the list covers no chosen tab.
  const margin = Number.parseFloat(getComputedStyle(chosen).scrollMarginInlineEnd) || 0;
  list.scrollLeft += Math.min(0, at.left - within.left) + Math.max(0, at.right + margin - within.right);
}
