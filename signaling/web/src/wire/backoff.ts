const MIN_PAUSE_MS = 400;
const MAX_PAUSE_MS = 15_000;

/**
 * The pause before the attempt after that many failures. It doubles up to a ceiling, and its upper half is random, so
 * that a room that lost its server does not return all at once.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
