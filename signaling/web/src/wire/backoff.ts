const FIRST_MS = 400;
const LONGEST_MS = 15_000;

/**
 * How long to wait before attempt `n` (from 0) to connect again. Doubles up to a ceiling; the upper half is random,
 * so that a room that lost its server does not come back in one stroke.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
