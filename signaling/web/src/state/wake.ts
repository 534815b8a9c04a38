/** Called when what failed may work again: the network is back, or the page is shown, restored or thawed. */
type Listener = () => void;

const listeners = new Set<Listener>();

/** Calls back whenever the page wakes, until the returned function is called. */
export function onWake(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Waits for so long, or until the page wakes. */
export function pauseOrWake(ms: number): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      stop();
      done();
    };
    const timer = setTimeout(end, ms);
    const stop = onWake(end);
  });
}

/** Tells everybody who waits. The participant may do so too. */
export function wake(): void {
  for (const listener of [...listeners]) listener();
}

/** Timers rest while a device sleeps, and a page may be kept in memory for days: the browser says when both end. */
export function watchWake(): void {
  addEventListener("online", wake);
  addEventListener("pageshow", (event) => event.persisted && wake());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  document.addEventListener("resume", wake);
}
