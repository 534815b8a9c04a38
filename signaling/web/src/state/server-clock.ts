import { readingFrom, serverTime, type ClockReading } from "../model/clock";

/** The stopwatch of this page, in milliseconds. It runs evenly, and setting this device's clock does not move it. */
export function stopwatch(): number {
  return performance.now();
}

/** The server's clock as it was read last. Nothing that shows a time is shown before the server has said its own. */
let reading: ClockReading = { server: 0, here: 0 };

/** The server's time, in milliseconds. */
export function serverNow(): number {
  return serverTime(reading, stopwatch());
}

/** Takes the server's time from a message that has just arrived; `sent` is when it was asked for, by the stopwatch. */
export function readServerClock(now: string, sent = stopwatch()): void {
  const server = Date.parse(now);
  if (Number.isFinite(server)) reading = readingFrom(sent, stopwatch(), server);
}
