import { effect } from "@preact/signals";
import { camera, microphone } from "../media/devices";
import { MediaLink } from "../media/link";
import { wanted } from "../media/peer";
import { checkedJustNow } from "../media/network-check";
import { pathFigures } from "../media/path";
import { offsetFrom } from "../model/clock";
import type { SlotShows } from "../model/types";
import { rememberSeat } from "../session/invitation";
import { backoffMs } from "../wire/backoff";
import { afterClose } from "../wire/closing";
import { floor as fetchFloor } from "../wire/http";
import { isRoomEvent, type FromServer, type Welcome } from "../wire/messages";
import { Socket, Unanswered } from "../wire/socket";
import { t } from "../i18n";
import { act } from "./act";
import { counters } from "./debug";
import { show } from "./notices";
import { connected, ended, figures, fold, heard, languageLine, link, offset, room, screenTrack, showSlots, showSpoken, slots, tracks, voices, you } from "./room";
import { conference, redeemAgain, screen, token } from "./session";
import { sound, soundAtFirst } from "./sound";

const BEAT_MS = 2_000;
/** A path that is cut closes no connection, it only answers no more; and a lost SYN is repeated ever more slowly. */
const OVERDUE_MS = 5_000;
/** A server that can be reached may still wait for its disk before it gives a seat. */
const SEATING_MS = 20_000;

let roomId = "";
let socket: Socket | null = null;
let media: MediaLink | null = null;
let session: string | null = null;
let attempts = 0;
let retry: ReturnType<typeof setTimeout> | undefined;
/** Runs while an answer is due. */
let overdue: ReturnType<typeof setTimeout> | undefined;
let pulse: ReturnType<typeof setInterval> | undefined;

/** Takes a seat, and keeps it through whatever the network does until `leave`. */
export function enter(id: string): void {
  roomId = id;
  session = null;
  attempts = 0;
  room.value = null;
  ended.value = null;
  link.value = "connecting";
  rememberSeat(id);
  screen.value = "room";
  clearInterval(pulse);
  pulse = setInterval(() => void beat(), BEAT_MS);
  addEventListener("offline", again);
  addEventListener("online", atOnce);
  void connect();
}

export function leave(): void {
  clearTimeout(retry);
  clearInterval(pulse);
  removeEventListener("offline", again);
  removeEventListener("online", atOnce);
  drop();
  session = null;
  room.value = null;
  rememberSeat(null);
  screenTrack.value?.stop();
  screenTrack.value = null;
  screen.value = "seat";
}

/** Says what the line for a language is for. Nothing is negotiated, and nothing is heard of it but another voice. */
function tellSound(): void {
  const slot = { mid: languageLine.value, wants: wanted(sound.value) };
  if (slot.mid && connected.value) socket?.send({ type: "slots", slots: [slot] });
}

effect(tellSound);

/** Sends a command, and gives its result or throws `Refused`. */
export function command(type: string, fields: object): Promise<Record<string, unknown>> {
  return socket ? socket.command(type, fields) : Promise.reject(new Unanswered());
}

/** Shows another track, or none, in place of a source: no negotiation. */
export function send(source: "microphone" | "camera" | "screen", track: MediaStreamTrack | null): void {
  media?.send(source, track);
}

async function connect(): Promise<void> {
  drop();
  const fresh = new MediaLink({
    sources: () => ({ microphone: microphone.value, camera: camera.value, screen: screenTrack.value }),
    signal: (offer) => socket?.send({ type: "signal", to: "room", offer }),
    state: (state) => {
      if (link.value === "reconnecting" || link.value === "connecting") return;
      link.value = state === "connected" ? "connected" : "media_lost";
    },
    sound: soundAtFirst,
    lines: (received, heardOn, language) => {
      tracks.value = received;
      voices.value = heardOn;
      languageLine.value = language;
    },
  });
  media = fresh;
  const offered = await fresh.offer();
  if (media !== fresh) return;
  counters.ws += 1;
  const resume = session && room.value ? { session, seq: room.value.seq } : undefined;
  expectAnswer();
  socket = new Socket({ type: "hello", token: token.value, room: roomId, ...offered, resume }, { opened, message: take, closed });
}

function drop(): void {
  answered();
  socket?.close();
  socket = null;
  media?.close();
  media = null;
}

function opened(): void {
  answered();
  expectAnswer(SEATING_MS);
}

function expectAnswer(within = OVERDUE_MS): void {
  overdue ??= setTimeout(again, within);
}

function answered(): void {
  clearTimeout(overdue);
  overdue = undefined;
}

function again(): void {
  drop();
  link.value = "reconnecting";
  clearTimeout(retry);
  retry = setTimeout(() => void connect(), backoffMs(attempts++));
}

/** The network is back: no need to wait out the pause. */
function atOnce(): void {
  if (link.value !== "reconnecting") return;
  attempts = 0;
  clearTimeout(retry);
  void connect();
}

function closed(code: number): void {
  switch (afterClose(code)) {
    case "reconnect": return again();
    case "redeem":
      drop();
      link.value = "reconnecting";
      if (attempts > 2) return void (screen.value = "unauthorized");
      return void redeemAgain().then(again, () => (screen.value = "unauthorized"));
    case "forbidden":
    case "replaced":
      link.value = code === 4403 ? "forbidden" : "replaced";
      return drop();
  }
}

function take(message: FromServer): void {
  answered();
  if (isRoomEvent(message)) {
    if (message.type === "room.draining") show(t("trouble.draining"));
    if (message.type === "floor.item_ended") void fetchFloor(token.value, roomId).then(({ spoken }) => showSpoken(spoken), () => undefined);
    if (fold(message)) return;
    session = null;
    return again();
  }
  switch (message.type) {
    case "welcome": return welcomed(message as Welcome);
    case "slots": return showSlots((message as { slots: SlotShows[] }).slots);
    case "clock": return clocked(message as { sent: number; now: string });
    case "level": return void (heard.value = { dbov: Number((message as { dbov: number }).dbov), at: Date.now() });
    case "media.ended": return media?.renew();
    case "device.replaced": return publishes(false);
    case "device.active": return publishes(true);
    case "signal": return "answer" in message ? media?.accept(String(message.answer)) : undefined;
  }
}

function welcomed(welcome: Welcome): void {
  attempts = 0;
  session = welcome.session;
  you.value = welcome.you;
  if (welcome.now) offset.value = Date.parse(welcome.now) - Date.now();
  if (welcome.room) room.value = { ...welcome.room, people: conference.value?.people };
  for (const event of welcome.events ?? []) fold(event);
  slots.value = new Map();
  heard.value = null;
  link.value = "media";
  if (welcome.answer) media?.accept(welcome.answer);
  tellSound();
  if (welcome.you.publishing === false && checkedJustNow()) void act("device.use");
  void beat();
}

function clocked({ sent, now }: { sent: number; now: string }): void {
  offset.value = offsetFrom(sent, Date.now(), Date.parse(now));
}

/** Another device of this person's sends now, or this one does. */
function publishes(here: boolean): void {
  if (you.value) you.value = { ...you.value, publishing: here };
  show(t(here ? "trouble.device_active" : "trouble.device_replaced"));
}

async function beat(): Promise<void> {
  if (socket && connected.value) {
    expectAnswer();
    socket.send({ type: "clock", sent: Date.now() });
  }
  const connection = media?.connection;
  if (connection) figures.value = await pathFigures(connection).catch(() => null);
}
