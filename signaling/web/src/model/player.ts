import { namedIn, titleOf } from "./names";
import { cityIn, instant, type Proceedings, type RecordedSpeech } from "./proceedings";
import type { TakeListed, SpeechRecorded } from "./types";
import type { DecisionState, Verdict } from "../wire/generated/http";

/** A stretch of a sitting that can be played: a speech, or what the chair said between two speeches. */
export interface Stretch {
  id: string;
  /** The request of the speech; `null` between speeches. */
  speech: string | null;
  participant: string;
  fromMs: number;
  toMs: number;
  /** The languages of the channels that can be heard instead of the floor. */
  languages: string[];
  hasPicture: boolean;
  url: string;
  /** The name under which it is saved. */
  name: string;
  /** What its file is, as far as its takes say it. */
  type: string | null;
  /** Others than the speaker who are heard on the floor meanwhile. Their sound is not in the track that is played. */
  others: OtherSound[];
  lostPackets: number;
  /** Whether the server was killed while it wrote. */
  recovered: boolean;
}

/** Somebody who is heard besides the speaker. */
export interface OtherSound {
  id: string;
  url: string;
  /** When it begins, after the beginning of the stretch. */
  offsetMs: number;
  lengthMs: number;
}

/** The position in a sound at a position of its stretch; `null` while it is silent. */
export function positionIn({ offsetMs, lengthMs }: OtherSound, positionMs: number): number | null {
  const at = positionMs - offsetMs;
  return at >= 0 && at < lengthMs ? at : null;
}

/** Everything of a room that can be played, in the order of time. */
export function stretchesOf(speeches: readonly SpeechRecorded[], takes: readonly TakeListed[]): Stretch[] {
  return [...speeches.map((file) => ofSpeech(file, takes)), ...betweenSpeeches(takes)].sort(
    (a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs,
  );
}

function ofSpeech(file: SpeechRecorded, takes: readonly TakeListed[]): Stretch {
  const own = takes.filter(({ speech }) => speech === file.speech);
  const fromMs = Date.parse(file.from);
  const others = own.filter(
    ({ source, language, participant }) =>
      source === "microphone" && language == null && participant !== file.participant,
  );
  return {
    id: file.speech,
    speech: file.speech,
    participant: file.participant,
    fromMs,
    toMs: fromMs + file.duration_ms,
    languages: [...new Set(file.languages)],
    hasPicture: file.has_picture,
    url: file.url,
    name: fileName(fromMs, file),
    type: own.find(({ source }) => source !== "microphone")?.media_type ?? own[0]?.media_type ?? null,
    others: others.map(({ id, url, from, to }) => ({
      id,
      url,
      offsetMs: Date.parse(from) - fromMs,
      lengthMs: Date.parse(to) - Date.parse(from),
    })),
    lostPackets: own.reduce((sum, { lost_packets }) => sum + (lost_packets ?? 0), 0),
    recovered: own.some(({ recovered }) => recovered === true),
  };
}

/** A name by which people find the file among others: when, and of whom. */
function fileName(fromMs: number, { participant, name }: Pick<SpeechRecorded, "participant" | "name">): string {
  const at = new Date(fromMs).toISOString().slice(0, 16).replaceAll(/[-:]/g, "");
  return `${at}-${participant}${name.slice(name.lastIndexOf("."))}`;
}

/** Between speeches only the sound of the chair is played: its pictures are files of their own. */
function betweenSpeeches(takes: readonly TakeListed[]): Stretch[] {
  return takes
    .filter(({ speech, source, language }) => speech == null && language == null && source === "microphone")
    .map((take) => ({
      id: take.id,
      speech: null,
      participant: take.participant,
      fromMs: Date.parse(take.from),
      toMs: Date.parse(take.to),
      languages: [],
      hasPicture: false,
      url: take.url,
      name: `${take.id}.webm`,
      type: take.media_type,
      others: [],
      lostPackets: take.lost_packets ?? 0,
      recovered: take.recovered === true,
    }));
}

/** A place in a sitting that can be played. */
export interface Moment {
  stretch: Stretch;
  positionMs: number;
}

/** Where an instant can be seen: in the speech of that time before what the chair said; `null` if nowhere. */
export function momentAt(stretches: readonly Stretch[], atMs: number): Moment | null {
  const there = stretches.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
  const stretch = there.findLast(({ speech }) => speech !== null) ?? there.at(-1);
  return stretch ? { stretch, positionMs: atMs - stretch.fromMs } : null;
}

/** Where a speech of the record can be seen from its beginning, or from the part of it that was recorded. */
export function beginningOf(
  stretches: readonly Stretch[],
  { request, began, ended }: Pick<RecordedSpeech, "request" | "began" | "ended">,
): Moment | null {
  const stretch = stretches.find(({ speech }) => speech === request);
  if (!stretch) return null;
  const at = instant(began).getTime();
  const end = instant(ended)?.getTime() ?? Infinity;
  if (at > stretch.toMs || end < stretch.fromMs) return null;
  return { stretch, positionMs: Math.max(0, at - stretch.fromMs) };
}

/** The speeches before and after a stretch, of those that can be played. */
export function neighbours(
  stretches: readonly Stretch[],
  current: Stretch,
): { previous: Stretch | null; next: Stretch | null } {
  const speeches = stretches.filter(({ speech, id }) => speech !== null && id !== current.id);
  return {
    previous: speeches.findLast(({ fromMs }) => fromMs <= current.fromMs) ?? null,
    next: speeches.find(({ fromMs }) => fromMs > current.fromMs) ?? null,
  };
}

/** What comes after a stretch: a speech, or what the chair said; `null` at the end. */
export function following(stretches: readonly Stretch[], current: Stretch): Stretch | null {
  const at = stretches.findIndex(({ id }) => id === current.id);
  const later = at < 0 ? stretches.filter(({ fromMs }) => fromMs > current.fromMs) : stretches.slice(at + 1);
  // What was said meanwhile, such as by the chair, is not played after it.
  return later.find(({ toMs }) => toMs > current.toMs) ?? null;
}

/** The address of a file with the sound of a channel, or of the floor. */
export function withLanguage(
  { url, languages }: { url: string; languages: readonly string[] },
  language: string | null,
): string {
  if (language === null || !languages.includes(language)) return url;
  return `${url}${url.includes("?") ? "&" : "?"}language=${encodeURIComponent(language)}`;
}

/** What happened during a stretch, each to be seen by a press. */
export type Mark = { atMs: number; positionMs: number } & (
  | { what: "point"; name: string }
  | { what: "ruled"; ruling: "upheld" | "overruled" | "heard" }
  | { what: "opened"; question: string }
  | { what: "closed"; question: string; result: DecisionState | Verdict }
);

/** The points of order, rulings and decisions of a stretch, in the order of time. */
export function marksIn(record: Pick<Proceedings, "points_of_order" | "decisions">, stretch: Stretch): Mark[] {
  const marks: (Mark | null)[] = [
    ...record.points_of_order.flatMap((point) => [
      mark(stretch, instant(point.raised), { what: "point", name: namedIn(point) }),
      point.ruling && point.ruling !== "withdrawn"
        ? mark(stretch, instant(point.ruled), { what: "ruled", ruling: point.ruling })
        : null,
    ]),
    ...record.decisions.flatMap(({ question, opened_at, closed_at, result, state }) => [
      mark(stretch, instant(opened_at), { what: "opened", question }),
      mark(stretch, instant(closed_at), { what: "closed", question, result: result ?? state }),
    ]),
  ];
  return marks.filter((one) => one !== null).sort((a, b) => a.atMs - b.atMs);
}

type What<M = Mark> = M extends Mark ? Omit<M, "atMs" | "positionMs"> : never;

function mark({ fromMs, toMs }: Stretch, at: Date | null, what: What): Mark | null {
  const atMs = at?.getTime();
  if (atMs === undefined || atMs < fromMs || atMs > toMs) return null;
  return { ...what, atMs, positionMs: atMs - fromMs };
}

/** What is compared in a search: without case, accents and the width of letters. */
function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Diacritic}/gu, "")
    .toLocaleLowerCase();
}

/** Whether every word of a query is in the city, the name or the title of a speech, in any of the record's languages. */
export function isFound(
  record: Pick<Proceedings, "delegations" | "items">,
  speech: Pick<RecordedSpeech, "name" | "names" | "city" | "delegation" | "item">,
  query: string,
): boolean {
  const item = record.items.find(({ id }) => id === speech.item);
  const city = record.delegations.find(({ delegation }) => delegation === speech.delegation);
  const all = plain(
    [
      namedIn(speech),
      speech.name,
      speech.city,
      cityIn(record, speech),
      ...Object.values({ ...speech.names }),
      ...Object.values({ ...city?.names }),
      item && titleOf(item),
      item?.title,
      ...Object.values({ ...item?.titles }),
    ].join("\n"),
  );
  return plain(query)
    .split(/\s+/)
    .every((word) => all.includes(word));
}

/** How little may have been played since the last new link: less, and another one would not help either. */
const MIN_PROGRESS_MS = 500;

/** Whether a link that fails at a position is fetched anew: it may have ended. It is not twice at the same place. */
export function fetchesAnew(lastAtMs: number | null, positionMs: number): boolean {
  return lastAtMs === null || Math.abs(positionMs - lastAtMs) >= MIN_PROGRESS_MS;
}

/** Speeds from slow enough to take notes to fast enough to find a place. */
export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2] as const;
