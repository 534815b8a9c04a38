import { wholeSeconds } from "../model/clock";
import { language } from "./index";

function locale(): string {
  return language().locale;
}

/** A place in the speaking order: `3rd`, or `第 3 位`. */
export function ordinal(n: number): string {
  return language().ordinal(n);
}

export function timeIn(instant: Date, zone?: string): string {
  return new Intl.DateTimeFormat(locale(), {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).format(instant);
}

export function dayIn(instant: Date, zone?: string): string {
  return new Intl.DateTimeFormat(locale(), { weekday: "long", day: "numeric", month: "long", timeZone: zone }).format(
    instant,
  );
}

/** The time of something that may have been on another day: then with its date. */
export function momentIn(instant: Date, now: Date): string {
  if (instant.toDateString() === now.toDateString()) return timeIn(instant);
  return `${new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short" }).format(instant)} ${timeIn(instant)}`;
}

export function dayRange(from: string, to: string): string {
  const format = new Intl.DateTimeFormat(locale(), { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return from === to ? format.format(new Date(from)) : language().dayRange(format, new Date(from), new Date(to));
}

/** The zone's own short name at an instant, such as `GMT+8`. */
export function zoneName(instant: Date, zone?: string): string {
  const parts = new Intl.DateTimeFormat(locale(), { timeZone: zone, timeZoneName: "short" }).formatToParts(instant);
  return parts.find((p) => p.type === "timeZoneName")?.value ?? "";
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function percent(share: number): string {
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 1 }).format(share);
}

export function milliseconds(ms: number): string {
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: ms < 10 ? 1 : 0 }).format(ms)} ms`;
}

export function seconds(ms: number): string {
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(ms / 1000)} s`;
}

/** A length of time in words, to the second: `4 minutes, 12 seconds`. */
export function durationWords(ms: number): string {
  const total = wholeSeconds(ms);
  const parts = [
    ["hour", Math.floor(total / 3600)],
    ["minute", Math.floor(total / 60) % 60],
    ["second", total % 60],
  ] as const;
  const said = parts.filter(([unit, amount]) => amount > 0 || (unit === "second" && total === 0));
  const words = said.map(([unit, amount]) =>
    new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(amount),
  );
  return new Intl.ListFormat(locale(), { type: "unit" }).format(words);
}

/** Names one after the other: `Seoul and Tokyo`. */
export function names(all: string[]): string {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(all);
}

/** Bytes as disks are sold: 1 GB is a thousand million. */
export function bytes(count: number): string {
  const giga = count >= 1e9;
  const value = new Intl.NumberFormat(locale(), { maximumFractionDigits: giga || count < 1e7 ? 1 : 0 }).format(
    count / (giga ? 1e9 : 1e6),
  );
  return `${value} ${giga ? "GB" : "MB"}`;
}

export function bitrate(bitsPerSecond: number): string {
  const mega = bitsPerSecond >= 1e6;
  const value = new Intl.NumberFormat(locale(), { maximumFractionDigits: mega ? 1 : 0 }).format(
    bitsPerSecond / (mega ? 1e6 : 1e3),
  );
  return `${value} ${mega ? "Mbit/s" : "kbit/s"}`;
}

/** A language by its own name, because its speakers look for that: `日本語`. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

export function number(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}
