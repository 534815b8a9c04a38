import type { Colour, Speech } from "./types";

/** A speech's clock at one moment. */
export interface ClockFace {
  remainingMs: number;
  consumedMs: number;
  colour: Colour;
  running: boolean;
  /** The share of the limit that is used, 0 to 1. */
  used: number;
}

/**
 * Counts a speech's clock to `now`, the server's time in milliseconds. A paused clock stands still. That of a recording
 * ends with it: there is neither a warning nor overtime.
 */
export function clockFace(speech: Speech, now: number, warningMs: number): ClockFace {
  const since = speech.running ? Math.max(0, now - Date.parse(speech.as_of)) : 0;
  const consumedMs = speech.consumed_ms + (Number.isFinite(since) ? since : 0);
  const remainingMs = speech.limit_ms - consumedMs;
  if (speech.recorded) return recordingFace(speech, consumedMs);
  const used = speech.limit_ms > 0 ? Math.min(1, consumedMs / speech.limit_ms) : 1;
  return { remainingMs, consumedMs, colour: colourOf(remainingMs, warningMs), running: speech.running, used };
}

function recordingFace(speech: Speech, consumed: number): ClockFace {
  const consumedMs = Math.min(consumed, speech.limit_ms);
  return {
    remainingMs: speech.limit_ms - consumedMs,
    consumedMs,
    colour: "green",
    running: speech.running,
    used: speech.limit_ms > 0 ? consumedMs / speech.limit_ms : 1,
  };
}

/** Green above the warning, amber to zero, red below it. */
export function colourOf(remainingMs: number, warningMs: number): Colour {
  if (remainingMs > warningMs) return "green";
  return remainingMs > 0 ? "amber" : "red";
}

/** `7:05`, and `−0:12` over the limit. Whole seconds, so that a clock shows 8:00 when it starts and 0:00 when it ends. */
export function clockText(remainingMs: number): string {
  const seconds = remainingMs > 0 ? Math.ceil(remainingMs / 1000) : Math.floor(-remainingMs / 1000);
  const sign = remainingMs <= -1000 ? "−" : "";
  return `${sign}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Time that was used, to the nearest second: as the minutes round it. A clock that still runs down is `clockText`. */
export function wholeSeconds(ms: number): number {
  return Math.floor((ms + 500) / 1000);
}

/** `4:12`, of time that was used. */
export function usedText(ms: number): string {
  return clockText(wholeSeconds(ms) * 1000);
}

/** What the server's clock showed, and this page's stopwatch at the same moment; both in milliseconds. */
export interface ClockReading {
  server: number;
  here: number;
}

/** A reading from one exchange, by the stopwatch: the answer takes half the round trip to arrive. */
export function readingFrom(sent: number, received: number, server: number): ClockReading {
  return { server: server + (received - sent) / 2, here: received };
}

/** The server's time when the stopwatch shows `here`. What this device takes for the time of day is never asked. */
export function serverTime(reading: ClockReading, here: number): number {
  return reading.server + (here - reading.here);
}
