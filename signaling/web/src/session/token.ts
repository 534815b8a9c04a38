/** When to renew a token: at two thirds of what is left of its life, and not in a storm when that is short. */
export function renewInMs(expires: string, now: number): number {
  const left = Date.parse(expires) - now;
  return Number.isFinite(left) ? Math.min(Math.max((left * 2) / 3, 5_000), 0x7fffffff) : 60_000;
}
