import { batch, effect } from "@preact/signals";
import { isLive, linkOf, NO_CONNECTION, reduce, type Effect, type Input } from "../connection/connection";
import { camera } from "../media/devices";
import { MediaLink, type MediaOwner } from "../media/link";
import { stopCheck } from "../media/network-check";
import { openSources } from "../media/open-sources";
import { bytesReceived, pathFigures } from "../media/path";
import type { Sources } from "../media/peer";
import { listen, ROOM_SILENCE_MS, type Silence } from "../model/silence";
import { rememberSeat } from "../session/invitation";
import { backoffMs } from "../wire/backoff";
import type { CommandType, FieldArguments, Reply, ServerMessage, SlotWant, Welcome } from "../wire/messages";
import type { CommandOutput } from "../wire/generated/socket";
import { refusesInvitation, Unanswered } from "../wire/refused";
import { Socket } from "../wire/socket";
import { counters } from "./debug";
import { backOutOfRoom, enterHistory, leaveHistory } from "./leaving";
import { takeBackAnnouncements } from "./notices";
import { receive, receiveWelcome } from "./receive";
import {
  connected,
  ended,
  figures,
  forgetRoom,
  languageSlot,
  link,
  reception,
  room,
  screenTrack,
  tracks,
  voices,
} from "./room";
import { stopwatch } from "./server-clock";
import { may } from "./permissions";
import { freshToken, iceServers, openedLink, screen, token } from "./session";
import { connectTalks, roomMicrophone } from "./talks";
import { onWake } from "./wake";
import { chosenLines, firstWants, tellWants } from "./wants";

const BEAT_MS = 2_000;
const LISTEN_MS = 100;

let connection = NO_CONNECTION;

/** The connections and timers that the effects have opened. */
const open: {
  socket: Socket | null;
  media: MediaLink | null;
  offered: { offer: string; slots: SlotWant[] } | null;
  /** When the room said something last, by the stopwatch. */
  heardAt: number;
  silence: Silence;
  answer?: ReturnType<typeof setTimeout>;
  pause?: ReturnType<typeof setTimeout>;
  /** Stops what `watch` has started. */
  watch?: () => void;
} = { socket: null, media: null, offered: null, heardAt: 0, silence: null };

/** The seat that waits for its devices. */
let taking = 0;

/**
 * Opens the devices, for which the browser may ask, and takes the seat: unless another link was opened meanwhile, or the
 * seat was asked for once more.
 */
export async function takeSeat(id: string): Promise<void> {
  stopCheck();
  const [own, asked] = [openedLink(), ++taking];
  await openSources(may.value);
  if (own === openedLink() && asked === taking) enter(id);
}

/** Takes a seat in a room, and keeps it through every loss of the network until `leave`. The screen of a hall only watches. */
export function enter(id: string, as: "room" | "hall" = "room"): void {
  stopCheck();
  room.value = null;
  ended.value = null;
  rememberSeat(id);
  screen.value = as;
  open.watch ??= watch();
  if (as === "room") enterHistory();
  dispatch({ type: "enter", room: id });
}

/** Leaves the room for the seat page. */
export function leave(): void {
  endSeat();
  screen.value = "seat";
  backOutOfRoom();
}

/** Ends the seat and everything that belongs to it, whatever this tab shows next. */
export function endSeat(): void {
  stopCheck();
  open.watch?.();
  open.watch = undefined;
  dispatch({ type: "leave" });
  rememberSeat(null);
  screenTrack.value?.stop();
  batch(forgetRoom);
  leaveHistory();
}

/** Asks the server for its time again and again, and heeds what the browser says of the network and the page. */
function watch(): () => void {
  const pulse = setInterval(() => void beat(), BEAT_MS);
  const listening = setInterval(() => void listenForSilence(), LISTEN_MS);
  const stopWaking = onWake(() => dispatch({ type: "woke" }));
  const lost = () => dispatch({ type: "network_lost" });
  addEventListener("offline", lost);
  // A page that is kept in memory may be shown again days later: until then it holds no seat.
  addEventListener("pagehide", lost);
  return () => {
    clearInterval(pulse);
    clearInterval(listening);
    stopWaking();
    removeEventListener("offline", lost);
    removeEventListener("pagehide", lost);
  };
}

/** Gives a command. Resolves with its result once it was executed; rejects with `Refused` or `Unanswered`. */
export function command<T extends CommandType>(
  type: T,
  ifMatch: number | undefined,
  ...fields: FieldArguments<T>
): Promise<CommandOutput> {
  return open.socket ? open.socket.command(type, ifMatch, ...fields) : Promise.reject(new Unanswered());
}

/** What each source sends now. A source that changes is sent without a renegotiation. */
const SENT: { [S in keyof Sources]: () => Sources[S] } = {
  microphone: () => roomMicrophone.value,
  camera: () => camera.value,
  screen: () => screenTrack.value,
};

for (const source of ["microphone", "camera", "screen"] as const) {
  effect(() => {
    const track = SENT[source]();
    open.media?.send(source, track);
  });
}

/** Layout, page, pin and language change what is received, without a renegotiation. */
tellWants(
  () => connected.value,
  (slots) => {
    counters.slots += 1;
    open.socket?.send({ type: "slots", slots });
  },
);

connectTalks({
  send: (to, talk, signal) => open.socket?.send({ type: "signal", to, talk, ...signal }),
  command,
});

async function beat(): Promise<void> {
  dispatch({ type: "beat" });
  const peer = open.media?.connection;
  if (peer) figures.value = await pathFigures(peer).catch(() => null);
}

/**
 * A speaker whose network has changed has to be heard again at once, and browsers notice it after 5 s and more. Who sends
 * no sound is told nothing several times a second, and need not hurry. Where the media path alone is cut, the room answers.
 */
async function listenForSilence(): Promise<void> {
  const { media, heardAt } = open;
  const isSpeaking = connection.media === "connected" && reception.value.microphone === true;
  if (!media || !isSpeaking || stopwatch() - heardAt < ROOM_SILENCE_MS) {
    open.silence = null;
    return;
  }
  if (!open.silence) open.socket?.send({ type: "clock", sent: stopwatch() });
  const bytes = await bytesReceived(media.connection).catch(() => null);
  if (bytes === null || media !== open.media || heardAt !== open.heardAt) return;
  const { silence, isSevered } = listen(open.silence, bytes, stopwatch());
  open.silence = isSevered ? null : silence;
  if (isSevered) dispatch({ type: "severed" });
}

function dispatch(input: Input): void {
  const { state, effects } = reduce(connection, input);
  connection = state;
  for (const each of effects) carryOut(each);
  const was = link.value;
  link.value = linkOf(connection);
  if (link.value === "reconnecting" && was !== "reconnecting") takeBackAnnouncements();
  connected.value = isLive(connection);
  if (connection.phase === "unauthorized") screen.value = "unauthorized";
}

function carryOut(effect: Effect): void {
  switch (effect.do) {
    case "make_offer":
      return makeOffer(effect.attempt);
    case "open_socket":
      return openSocket(effect.attempt, effect.room, effect.session);
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
    case "stop_awaiting":
      return clearTimeout(open.answer);
    case "pause":
      clearTimeout(open.pause);
      open.pause = setTimeout(() => dispatch({ type: "pause_over" }), backoffMs(effect.failures));
      return;
    case "stop_pausing":
      return clearTimeout(open.pause);
    case "redeem_token":
      return void freshToken().then(
        () => dispatch({ type: "token_redeemed" }),
        (error) => dispatch({ type: refusesInvitation(error) ? "invitation_refused" : "token_unavailable" }),
      );
    case "send_clock":
      return open.socket?.send({ type: "clock", sent: stopwatch() });
  }
}

/** A browser that cannot or may not make an offer takes the seat without sound and picture. */
function makeOffer(attempt: number): void {
  const media = newMedia(attempt);
  open.media = media;
  const made = (offered: typeof open.offered) => {
    if (open.media !== media) return;
    if (!offered) open.media = null;
    open.offered = offered;
    dispatch({ type: "offer_made", attempt });
  };
  if (media) void media.offer().then(made, () => made(null));
  else made(null);
}

function newMedia(attempt: number): MediaLink | null {
  const owner: MediaOwner = {
    sources: () => ({ microphone: SENT.microphone(), camera: SENT.camera(), screen: SENT.screen() }),
    iceServers: () => iceServers.value,
    signal: (offer) => open.socket?.send({ type: "signal", to: "room", offer }),
    changed: (state) => dispatch({ type: "media_changed", attempt, state }),
    wants: firstWants,
    received: (lines) =>
      batch(() => {
        tracks.value = lines.tracks;
        voices.value = lines.voices;
        languageSlot.value = lines.chosen.language;
        chosenLines.value = lines.chosen;
      }),
  };
  try {
    return new MediaLink(owner);
  } catch {
    return null;
  }
}

function openSocket(attempt: number, roomId: string, session: string | null): void {
  counters.ws += 1;
  const resume = session && room.value ? { session, seq: room.value.seq } : undefined;
  open.socket = new Socket(
    { type: "hello", token: token.value, room: roomId, ...open.offered, resume, batches: true },
    {
      opened: () => dispatch({ type: "socket_opened", attempt }),
      message: (message) => handle(attempt, message),
      closed: (code) => dispatch({ type: "socket_closed", attempt, code }),
    },
  );
}

function handle(attempt: number, message: Exclude<ServerMessage, Reply>): void {
  open.heardAt = stopwatch();
  dispatch({ type: "answered", attempt });
  if (message.type === "welcome") return handleWelcome(attempt, message);
  const demand = receive(message);
  switch (demand?.type) {
    case "events_missing":
      return dispatch(demand);
    case "accept_answer":
      return open.media?.accept(demand.answer);
    case "renew_media":
      return open.media?.renew();
  }
}

function handleWelcome(attempt: number, welcome: Welcome): void {
  receiveWelcome(welcome);
  dispatch({ type: "welcomed", attempt, session: welcome.session });
  if (welcome.answer) open.media?.accept(welcome.answer);
  else dispatch({ type: "media_changed", attempt, state: "lost" });
  void beat();
}
