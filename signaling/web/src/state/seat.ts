import { effect } from "@preact/signals";
import { isLive, linkOf, NO_CONNECTION, reduce, type Effect, type Input } from "../connection/connection";
import { camera, microphone } from "../media/devices";
import { MediaLink } from "../media/link";
import { checkedJustNow } from "../media/network-check";
import { pathFigures } from "../media/path";
import { wantsOf, type Sources } from "../media/peer";
import { rememberSeat } from "../session/invitation";
import { backoffMs } from "../wire/backoff";
import type { CommandType, FieldArguments, Reply, ServerMessage, SlotWant, Welcome } from "../wire/messages";
import { Unanswered } from "../wire/refused";
import { Socket } from "../wire/socket";
import { counters } from "./debug";
import { show } from "./notices";
import { receive, receiveWelcome } from "./receive";
import { refusalWords } from "./refusal";
import { connected, ended, figures, languageSlot, link, room, screenTrack, tracks, voices, you } from "./room";
import { redeemAgain, screen, token } from "./session";
import { sound, soundAtFirst } from "./sound";

const BEAT_MS = 2_000;

let connection = NO_CONNECTION;

/** What the effects have opened and started. */
const open: {
  socket: Socket | null;
  media: MediaLink | null;
  offered: { offer: string; slots: SlotWant[] } | null;
  answer?: ReturnType<typeof setTimeout>;
  pause?: ReturnType<typeof setTimeout>;
  pulse?: ReturnType<typeof setInterval>;
} = { socket: null, media: null, offered: null };

/** Takes a seat in a room, and keeps it through whatever the network does until `leave`. */
export function enter(id: string): void {
  room.value = null;
  ended.value = null;
  rememberSeat(id);
  screen.value = "room";
  clearInterval(open.pulse);
  open.pulse = setInterval(() => void beat(), BEAT_MS);
  addEventListener("offline", networkLost);
  addEventListener("online", networkFound);
  dispatch({ type: "enter", room: id });
}

export function leave(): void {
  clearInterval(open.pulse);
  removeEventListener("offline", networkLost);
  removeEventListener("online", networkFound);
  dispatch({ type: "leave" });
  room.value = null;
  rememberSeat(null);
  screenTrack.value?.stop();
  screenTrack.value = null;
  screen.value = "seat";
}

/** Gives a command. Resolves once it was executed; rejects with `Refused` or `Unanswered`. */
export function command<T extends CommandType>(type: T, ifMatch: number | undefined, ...fields: FieldArguments<T>): Promise<void> {
  return open.socket ? open.socket.command(type, ifMatch, ...fields) : Promise.reject(new Unanswered());
}

/** Sends another track, or none, as a source, without a renegotiation. */
export function send(source: keyof Sources, track: MediaStreamTrack | null): void {
  open.media?.send(source, track);
}

/** Tells the server which language channel the slot for it is to carry, without a renegotiation. */
function wantSound(): void {
  const slot = { mid: languageSlot.value, wants: wantsOf(sound.value) };
  if (slot.mid && connected.value) open.socket?.send({ type: "slots", slots: [slot] });
}

effect(wantSound);

function networkLost(): void {
  dispatch({ type: "network_lost" });
}

function networkFound(): void {
  dispatch({ type: "network_found" });
}

async function beat(): Promise<void> {
  dispatch({ type: "beat" });
  const peer = open.media?.connection;
  if (peer) figures.value = await pathFigures(peer).catch(() => null);
}

function dispatch(input: Input): void {
  const { state, effects } = reduce(connection, input);
  connection = state;
  for (const each of effects) carryOut(each);
  link.value = linkOf(connection);
  connected.value = isLive(connection);
  if (connection.phase === "unauthorized") screen.value = "unauthorized";
}

function carryOut(effect: Effect): void {
  switch (effect.do) {
    case "make_offer": return makeOffer(effect.attempt);
    case "open_socket": return openSocket(effect.attempt, effect.room, effect.session);
    case "close":
      open.socket?.close();
      open.media?.close();
      open.socket = null;
      open.media = null;
      open.offered = null;
      return;
    case "await_answer":
      clearTimeout(open.answer);
      open.answer = setTimeout(() => dispatch({ type: "answer_overdue" }), effect.within_ms);
      return;
    case "stop_awaiting": return clearTimeout(open.answer);
    case "pause":
      clearTimeout(open.pause);
      open.pause = setTimeout(() => dispatch({ type: "pause_over" }), backoffMs(effect.failures));
      return;
    case "stop_pausing": return clearTimeout(open.pause);
    case "redeem_token": return void redeemAgain().then(() => dispatch({ type: "token_redeemed" }), () => dispatch({ type: "token_refused" }));
    case "send_clock": return open.socket?.send({ type: "clock", sent: Date.now() });
  }
}

function makeOffer(attempt: number): void {
  const media = new MediaLink({
    sources: () => ({ microphone: microphone.value, camera: camera.value, screen: screenTrack.value }),
    signal: (offer) => open.socket?.send({ type: "signal", to: "room", offer }),
    changed: (state) => dispatch({ type: "media_changed", attempt, state }),
    sound: soundAtFirst,
    received: (lines) => {
      tracks.value = lines.tracks;
      voices.value = lines.voices;
      languageSlot.value = lines.language;
    },
  });
  open.media = media;
  void media.offer().then((offered) => {
    if (open.media !== media) return;
    open.offered = offered;
    dispatch({ type: "offer_made", attempt });
  });
}

function openSocket(attempt: number, roomId: string, session: string | null): void {
  counters.ws += 1;
  const resume = session && room.value ? { session, seq: room.value.seq } : undefined;
  open.socket = new Socket({ type: "hello", token: token.value, room: roomId, ...open.offered, resume }, {
    opened: () => dispatch({ type: "socket_opened", attempt }),
    message: (message) => handle(attempt, message),
    closed: (code) => dispatch({ type: "socket_closed", attempt, code }),
  });
}

function handle(attempt: number, message: Exclude<ServerMessage, Reply>): void {
  dispatch({ type: "answered", attempt });
  if (message.type === "welcome") return handleWelcome(attempt, message);
  const demand = receive(message);
  switch (demand?.type) {
    case "events_missing": return dispatch(demand);
    case "accept_answer": return open.media?.accept(demand.answer);
    case "renew_media": return open.media?.renew();
  }
}

function handleWelcome(attempt: number, welcome: Welcome): void {
  receiveWelcome(welcome);
  dispatch({ type: "welcomed", attempt, session: welcome.session });
  if (welcome.answer) open.media?.accept(welcome.answer);
  wantSound();
  // The check a moment ago was another connection of the same participant, which may still count as the sending one.
  if (!welcome.you.publishing && checkedJustNow()) void useThisDevice();
  void beat();
}

async function useThisDevice(): Promise<void> {
  try {
    await command("device.use", undefined);
    if (you.value) you.value = { ...you.value, publishing: true };
  } catch (error) {
    show(refusalWords(error), "refused");
  }
}
