import { computed, signal } from "@preact/signals";
import { camera, microphone } from "../media/devices";
import { checkedJustNow } from "../media/network-check";
import { Peer } from "../media/peer";
import { pathFigures, type PathFigures } from "../media/path";
import { offsetFrom } from "../model/clock";
import { isGap, reduce } from "../model/reduce";
import type { Room, RoomEvent, SlotShows, You } from "../model/types";
import { rememberSeat } from "../session/invitation";
import { backoffMs } from "../wire/backoff";
import { afterClose } from "../wire/closing";
import { isRoomEvent, type FromServer, type Welcome } from "../wire/messages";
import { Socket } from "../wire/socket";
import { announceChange } from "./announce-change";
import { counters } from "./debug";
import { show, showRefusal } from "./notices";
import { redeemAgain, screen, token } from "./session";
import { t } from "../i18n";

export type Link = "connecting" | "media" | "connected" | "reconnecting" | "replaced" | "forbidden";

export const room = signal<Room | null>(null);
export const you = signal<You | null>(null);
export const link = signal<Link>("connecting");
export const figures = signal<PathFigures | null>(null);
export const slots = signal<Map<string, NonNullable<SlotShows["shows"]>>>(new Map());
export const tracks = signal<Map<string, MediaStreamTrack>>(new Map());
export const voices = signal<string[]>([]);
export const screenTrack = signal<MediaStreamTrack | null>(null);
/** How loud the server hears our microphone while it is off stage, in dB relative to overload; null once that is old. */
export const heardLevel = signal<number | null>(null);
/** The server's clock minus ours. */
export const offset = signal(0);
export const connected = computed(() => link.value === "connected" || link.value === "media");

let roomId = "";
let socket: Socket | null = null;
let peer: Peer | null = null;
let session: string | null = null;
let attempt = 0;
let retry: ReturnType<typeof setTimeout> | undefined;
let pulse: ReturnType<typeof setInterval> | undefined;
/** Runs while an answer is due: a path that is cut closes no connection, it only answers no more. */
let overdue: ReturnType<typeof setTimeout> | undefined;
let unheard: ReturnType<typeof setTimeout> | undefined;

const PULSE_MS = 2_000;
const LEVEL_MS = 1_000;
const OVERDUE_MS = 5_000;

/** Takes a seat, and keeps it through whatever the network does until `leave`. */
export function enter(id: string): void {
  roomId = id;
  session = null;
  attempt = 0;
  room.value = null;
  link.value = "connecting";
  rememberSeat(id);
  screen.value = "room";
  clearInterval(pulse);
  pulse = setInterval(() => void beat(), PULSE_MS);
  addEventListener("online", atOnce);
  void connect();
}

export function leave(): void {
  clearTimeout(retry);
  clearInterval(pulse);
  removeEventListener("online", atOnce);
  drop();
  session = null;
  room.value = null;
  rememberSeat(null);
  screenTrack.value?.stop();
  screenTrack.value = null;
  screen.value = "seat";
}

/** Does a command, and says why if it was refused. True when it was done. */
export async function act(type: string, fields: object = {}): Promise<boolean> {
  try {
    if (!socket) return false;
    const result = await socket.command(type, fields);
    if (type === "device.use" && you.value) you.value = { ...you.value, publishing: result.publishing !== false };
    return true;
  } catch (error) {
    showRefusal(error);
    return false;
  }
}

/** Shows another track, or none, in place of a source: no negotiation. */
export function send(source: "microphone" | "camera" | "screen", track: MediaStreamTrack | null): void {
  void peer?.send(source, track).catch(() => undefined);
}

async function connect(): Promise<void> {
  drop();
  const fresh = newPeer();
  const offered = await fresh.offer();
  if (peer !== fresh) return;
  counters.ws += 1;
  const resume = session && room.value ? { session, seq: room.value.seq } : undefined;
  expectAnswer();
  socket = new Socket({ type: "hello", token: token.value, room: roomId, ...offered, resume }, { message: take, closed });
}

/** A new media connection, which says in `link` how it is. */
function newPeer(): Peer {
  const fresh = new Peer({ microphone: microphone.value, camera: camera.value, screen: screenTrack.value });
  peer = fresh;
  fresh.connection.onconnectionstatechange = () => {
    if (peer !== fresh) return;
    switch (fresh.connection.connectionState) {
      case "connected": if (link.value === "media") link.value = "connected"; return;
      case "disconnected":
        if (link.value === "connected") link.value = "media";
        return fresh.connection.restartIce();
      case "failed": return void offerMediaAgain();
    }
  };
  return fresh;
}

/** Sound and picture found no way while the room's connection stands: begins media anew, and keeps the seat as it is. */
async function offerMediaAgain(): Promise<void> {
  if (!connected.value) return;
  peer?.close();
  link.value = "media";
  const fresh = newPeer();
  const { offer } = await fresh.offer();
  if (peer !== fresh) return;
  socket?.send({ type: "signal", to: "room", offer });
  showTracks();
}

function drop(): void {
  clearTimeout(overdue);
  overdue = undefined;
  socket?.close();
  socket = null;
  peer?.close();
  peer = null;
}

function again(): void {
  drop();
  link.value = "reconnecting";
  clearTimeout(retry);
  retry = setTimeout(() => void connect(), backoffMs(attempt++));
}

/** The network says that it is back: there is nothing to wait for. */
function atOnce(): void {
  if (link.value !== "reconnecting") return;
  clearTimeout(retry);
  void connect();
}

function expectAnswer(): void {
  overdue ??= setTimeout(again, OVERDUE_MS);
}

function closed(code: number): void {
  switch (afterClose(code)) {
    case "reconnect": return again();
    case "redeem":
      drop();
      link.value = "reconnecting";
      if (attempt > 2) return void (screen.value = "unauthorized");
      return void redeemAgain().then(again, () => (screen.value = "unauthorized"));
    case "forbidden":
    case "replaced":
      link.value = code === 4403 ? "forbidden" : "replaced";
      return drop();
  }
}

function take(message: FromServer): void {
  clearTimeout(overdue);
  overdue = undefined;
  if (isRoomEvent(message)) return fold(message);
  if (message.type === "welcome") return welcomed(message as Welcome);
  if (message.type === "slots") return slotted((message as { slots: SlotShows[] }).slots);
  if (message.type === "clock") return clocked(message as { sent: number; now: string });
  if (message.type === "device.replaced") return replaced();
  if (message.type === "media.ended") return void offerMediaAgain();
  if (message.type === "level") return levelled((message as { dbov: number }).dbov);
  if (message.type === "signal" && "answer" in message) accept(String(message.answer));
}

function welcomed(welcome: Welcome): void {
  attempt = 0;
  session = welcome.session;
  you.value = welcome.you;
  if (welcome.now) offset.value = Date.parse(welcome.now) - Date.now();
  if (welcome.room) room.value = welcome.room;
  for (const event of welcome.events ?? []) fold(event);
  slots.value = new Map();
  showTracks();
  link.value = "media";
  if (welcome.answer) accept(welcome.answer);
  if (welcome.you.publishing === false && checkedJustNow()) void act("device.use");
  void beat();
}

function showTracks(): void {
  tracks.value = peer?.tracks() ?? new Map();
  voices.value = peer?.voices() ?? [];
}

function accept(answer: string): void {
  const to = peer;
  if (!to) return;
  to.accept(answer).then(
    // From now on what must be negotiated is a restart of ICE, asked for above or by the browser.
    () => (to.connection.onnegotiationneeded = () => void offerOnceMore(to)),
    () => to === peer && again(),
  );
}

/** A further offer of the same connection: what flows goes on meanwhile. */
async function offerOnceMore(from: Peer): Promise<void> {
  if (from !== peer || !connected.value) return;
  const { offer } = await from.offer();
  if (from === peer) socket?.send({ type: "signal", to: "room", offer });
}

function fold(event: RoomEvent): void {
  const before = room.value;
  if (!before) return;
  if (isGap(before, event)) {
    session = null;
    return again();
  }
  room.value = reduce(before, event);
  if (you.value) announceChange(before, room.value, you.value);
}

function slotted(changed: SlotShows[]): void {
  const next = new Map(slots.value);
  for (const { mid, shows } of changed) {
    if (shows) next.set(mid, shows);
    else next.delete(mid);
  }
  slots.value = next;
}

function clocked({ sent, now }: { sent: number; now: string }): void {
  offset.value = offsetFrom(sent, Date.now(), Date.parse(now));
}

function levelled(dbov: number): void {
  heardLevel.value = dbov;
  clearTimeout(unheard);
  unheard = setTimeout(() => (heardLevel.value = null), LEVEL_MS);
}

function replaced(): void {
  if (you.value) you.value = { ...you.value, publishing: false };
  show(t("trouble.device_replaced"));
}

async function beat(): Promise<void> {
  if (socket && connected.value) {
    expectAnswer();
    socket.send({ type: "clock", sent: Date.now() });
  }
  if (peer) figures.value = await pathFigures(peer.connection).catch(() => null);
}
