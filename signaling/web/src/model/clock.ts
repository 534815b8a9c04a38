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

/** Counts a speech's clock to `now`, the server's time in milliseconds. A paused clock stands still. */
export function clockFace(speech: Speech, now: number, warningMs: number): ClockFace {
  const since = speech.running ? Math.max(0, now - Date.parse(speech.as_of)) : 0;
  const consumedMs = speech.consumed_ms + (Number.isFinite(since) ? since : 0);
  const remainingMs = speech.limit_ms - consumedMs;
  const used = speech.limit_ms > 0 ? Math.min(1, consumedMs / speech.limit_ms) : 1;
  return { remainingMs, consumedMs, colour: colourOf(remainingMs, warningMs), running: speech.running, used };
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

/** The server's clock minus this device's, from one exchange: the answer takes half a round trip to arrive. */
export function offsetFrom(sent: number, received: number, serverNow: number): number {
  return serverNow + (received - sent) / 2 - received;
}
