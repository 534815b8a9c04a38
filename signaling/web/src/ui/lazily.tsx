import { signal } from "@preact/signals";
import type { ComponentType } from "preact";

/** A screen whose code is fetched when it is first shown. Until then the page shows nothing in its place. */
export function lazily<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  const loaded = signal<ComponentType<P> | null>(null);
  let loading = false;
  return function Lazy(props: P) {
    const { value: Screen } = loaded;
    if (Screen) return <Screen {...props} />;
    if (!loading) {
      loading = true;
      // A part that a new server no longer has is noticed by the watch for an upgrade, which loads the new page.
      load().then(
        (part) => (loaded.value = part.default),
        () => (loading = false),
      );
    }
    return null;
  };
}
