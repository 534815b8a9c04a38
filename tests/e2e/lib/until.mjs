// Waiting for something to be so, with a bound, instead of sleeping and hoping.

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Asks `probe` until it answers something true, and returns that; fails with `what` after `ms`. */
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
