import { signal } from "@preact/signals";
import { bandLine, standingLine, type BandLine, type DatedLine, type Reader } from "../model/band";
import type { Room, RoomEvent, You } from "../model/types";
import { alertParticipant } from "./attention";
import { sentence } from "./band-words";
import { t } from "../i18n";
import { announce } from "./notices";
import { room, you } from "./room";
import { stopwatch } from "./server-clock";
import { conference } from "./session";
import { sound } from "./sound";

/** What has happened in the room since it was entered, oldest first. */
export const lines = signal<readonly DatedLine[]>([]);

const MAX_LINES = 300;
/** So many of the sentences that were missed are read out; the history has them all. */
const MAX_MISSED_READ = 3;

let lastId = 0;
let ofRoom = "";

/** Says what an event means, after it was folded into the room. */
export function tell(before: Room, event: RoomEvent): void {
  const line = lineOf(before, event);
  if (!line) return;
  add(line, event.at);
  say(line);
  if (line.alert) alertParticipant(line.alert, words(line));
}

/** Says what was missed while the connection was lost: all of it in the history, aloud the last of it. */
export function tellMissed(missed: { before: Room; event: RoomEvent }[]): void {
  const all = missed.flatMap(({ before, event }) => {
    const line = lineOf(before, event);
    if (line) add(line, event.at);
    return line ? [line] : [];
  });
  const news = all.filter(({ minor }) => !minor).slice(-MAX_MISSED_READ);
  for (const line of news) say(line);
  const last = news.findLast(({ alert }) => alert);
  if (last?.alert) alertParticipant(last.alert, words(last));
  if (lines.value.at(-1)?.key === "band.draining") tellHowThingsStand();
}

/** Says how things stand in a room that has just been entered, or come back to without its events. */
export function tellHowThingsStand(): void {
  const r = room.value;
  const me = you.value;
  if (!r || !me) return;
  if (r.id !== ofRoom) lines.value = [];
  ofRoom = r.id;
  const line = standingLine(r, readerOf(me));
  add(line, null);
  say(line);
  if (r.recording) announce(t("recorded.entered"));
}

function lineOf(before: Room, event: RoomEvent): BandLine | null {
  return you.value && bandLine(before, event, readerOf(you.value));
}

function readerOf(me: You): Reader {
  return { person: me.person, delegation: me.delegation, may: me.may, listensTo: sound.value };
}

function add(line: BandLine, at: string | null): void {
  const dated: DatedLine = { ...line, at, shownAt: stopwatch(), id: (lastId += 1) };
  lines.value = [...lines.value, dated].slice(-MAX_LINES);
}

function say(line: BandLine): void {
  if (line.announcedElsewhere) return;
  announce(words(line), line.concerns === "you" && line.alert ? "assertive" : "polite");
}

function words(line: BandLine): string {
  return room.value ? sentence(line, room.value, conference.value) : "";
}
