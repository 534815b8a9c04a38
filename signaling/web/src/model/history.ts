import { badness, type Seat } from "./health";

/** One reading of a seat, for its sparklines. */
export interface Reading {
  at: number;
  loss_up: number | null;
  rtt_ms: number | null;
  bitrate_up: number | null;
  badness: number;
}

const HISTORY_MS = 10 * 60_000;

export type History = ReadonlyMap<string, readonly Reading[]>;

export function seatKey(seat: Pick<Seat, "room" | "person">): string {
  return `${seat.room}/${seat.person}`;
}

/** The history with one more reading of every seat, without the readings older than ten minutes. */
export function record(history: History, seats: Seat[], at: number): History {
  const next = new Map<string, readonly Reading[]>();
  for (const [key, readings] of history) {
    const kept = readings.filter((reading) => at - reading.at <= HISTORY_MS);
    if (kept.length > 0) next.set(key, kept);
  }
  for (const seat of seats) {
    const reading = {
      at,
      loss_up: seat.loss_up ?? null,
      rtt_ms: seat.rtt_ms ?? null,
      bitrate_up: seat.bitrate_up ?? null,
      badness: badness(seat),
    };
    next.set(seatKey(seat), [...(next.get(seatKey(seat)) ?? []), reading]);
  }
  return next;
}

/**
 * The points of a line through the readings, as an SVG `points` attribute: ten minutes wide, the newest at the right.
 * `least` is the top of the axis where nothing higher was measured, so that a calm line stays low.
 */
export function sparkline(
  values: { at: number; value: number | null }[],
  now: number,
  width: number,
  height: number,
  least: number,
): string {
  const most = Math.max(least, ...values.map(({ value }) => value ?? 0));
  const point = ({ at, value }: { at: number; value: number }) => {
    const x = width * (1 - Math.min(1, Math.max(0, (now - at) / HISTORY_MS)));
    return `${x.toFixed(1)},${(height - (height * value) / most).toFixed(1)}`;
  };
  return values
    .filter((v): v is { at: number; value: number } => v.value !== null)
    .map(point)
    .join(" ");
}
