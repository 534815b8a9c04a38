/** One seat as the operator sees it. What the server did not measure is `null`, and shown as such. */
export interface Seat {
  room: string;
  roomTitle: string;
  person: string;
  name: string;
  delegation: string | null;
  state: string;
  path: string | null;
  rttMs: number | null;
  lossUp: number | null;
  lossDown: number | null;
  jitterMs: number | null;
  up: number | null;
  down: number | null;
  quality: string | null;
  cause: string | null;
}

type Json = Record<string, unknown>;

/** All seats of a health answer, of one room or of all, worst first. */
export function seatsOf(answer: unknown): Seat[] {
  const root = object(answer);
  const rooms = Array.isArray(answer) ? answer : Array.isArray(root.rooms) ? root.rooms : [root];
  return rooms.flatMap((room) => seatsOfRoom(object(room))).sort((a, b) => badness(b) - badness(a) || a.name.localeCompare(b.name));
}

function seatsOfRoom(room: Json): Seat[] {
  const id = text(room.room) ?? text(room.id) ?? "";
  const title = text(room.title) ?? id;
  const seats = Array.isArray(room.participants) ? room.participants : [];
  return seats.map((seat) => seatOf(object(seat), id, title));
}

function seatOf(seat: Json, room: string, roomTitle: string): Seat {
  const person = text(seat.person) ?? text(seat.participant) ?? "";
  const figures = { ...seat, ...object(seat.media), ...object(seat.figures) };
  const bitrate = object(figures.bitrate);
  const loss = object(figures.loss);
  return {
    room, roomTitle, person,
    name: text(seat.name) ?? person,
    delegation: text(seat.delegation),
    state: text(figures.state) ?? "unknown",
    path: text(figures.ice_path) ?? text(figures.path),
    rttMs: number(figures.rtt_ms) ?? number(figures.round_trip_ms),
    lossUp: number(loss.up) ?? number(figures.loss_up) ?? number(figures.loss),
    lossDown: number(loss.down) ?? number(figures.loss_down),
    jitterMs: number(figures.jitter_ms) ?? number(figures.jitter_up_ms),
    up: number(bitrate.up) ?? number(figures.bitrate_up) ?? number(figures.bitrate_up_bps),
    down: number(bitrate.down) ?? number(figures.bitrate_down) ?? number(figures.bitrate_down_bps),
    quality: text(figures.quality),
    cause: text(figures.cause),
  };
}

/** Seated without sound and picture: worth a look, and no more. */
const SILENT = 25;

/** How much a seat needs attention: a lost connection above all, then loss, round trip and jitter. */
export function badness(seat: Seat): number {
  const lost = { connected: 0, seated: SILENT }[seat.state] ?? 1000;
  const loss = Math.max(seat.lossUp ?? 0, seat.lossDown ?? 0);
  return lost + loss * 1000 + (seat.rttMs ?? 0) / 10 + (seat.jitterMs ?? 0) / 2;
}

/** In words and colour: what `badness` comes to. */
export function verdict(seat: Seat): "good" | "fair" | "poor" | "lost" {
  const score = badness(seat);
  if (score >= 1000) return "lost";
  if (score >= 50) return "poor";
  return score >= 25 ? "fair" : "good";
}

/** What is wrong with a seat, and on whose side it is. */
export type Cause = "away" | "no_path" | "no_media" | "loss_up" | "loss_down" | "jitter" | "rtt";

/** From these figures on something is noticed. */
const NOTICED = { loss: 0.02, jitterMs: 30, rttMs: 250 };

/** The worst of what is wrong, for words in any language; `null` where nothing is. */
export function causeOf(seat: Seat): Cause | null {
  if (seat.state === "away") return "away";
  if (seat.state === "seated") return "no_media";
  if (seat.state !== "connected") return "no_path";
  const parts: [Cause, number][] = [
    ["loss_up", (seat.lossUp ?? 0) / NOTICED.loss],
    ["loss_down", (seat.lossDown ?? 0) / NOTICED.loss],
    ["jitter", (seat.jitterMs ?? 0) / NOTICED.jitterMs],
    ["rtt", (seat.rttMs ?? 0) / NOTICED.rttMs],
  ];
  const [cause, weight] = parts.reduce((worst, part) => (part[1] > worst[1] ? part : worst));
  return weight >= 1 ? cause : null;
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
