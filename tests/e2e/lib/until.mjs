// Waiting for a condition with a timeout, instead of sleeping.

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Calls `probe` until its result is true, and returns the result; fails with `what` after `ms`. */
export async function until(what, probe, ms = 15_000) {
  const end = performance.now() + ms;
  let last;
  for (;;) {
    last = await probe();
    if (last) return last;
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await pause(50);
  }
}
