/**
 * The instant of a time on the agenda. The conference file gives wall-clock times in the conference's zone; a time
 * with an offset is taken as it is.
 */
export function instantOf(text: string, zone: string): Date {
  if (/(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return new Date(text);
  const asUtc = Date.parse(`${text}Z`);
  // Twice, because the offset may differ on the other side of a change of the clocks.
  const first = asUtc - offsetAt(asUtc, zone);
  return new Date(asUtc - offsetAt(first, zone));
}

/** Milliseconds that a zone's wall clock is ahead of UTC at an instant. */
function offsetAt(instant: number, zone: string): number {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const part = Object.fromEntries(format.formatToParts(instant).map((p) => [p.type, Number(p.value)]));
  const wall = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
  return wall - Math.floor(instant / 1000) * 1000;
}

/** Index of the item that is on at `now`, or of none. */
export function currentItem(items: { starts: string; minutes: number }[], zone: string, now: number): number {
  return items.findIndex((item) => {
    const starts = instantOf(item.starts, zone).getTime();
    return starts <= now && now < starts + item.minutes * 60_000;
  });
}
