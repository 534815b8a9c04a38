import { batch, computed, effect, signal } from "@preact/signals";
import { DEFAULT_TAG, languageTag, t } from "../i18n";
import { microphone, microphoneSource } from "../media/devices";
import { playSignal } from "../media/signal-tone";
import { TalkPeer, type TalkSignal } from "../media/talk-peer";
import { nameOf } from "../model/names";
import { endingOf, FLOOR_GUARD_MS, ownTalk, type TalkEnding } from "../model/talks";
import type { Talk, TalkEnded } from "../model/types";
import type { CommandType, FieldArguments } from "../wire/messages";
import type { CommandOutput } from "../wire/generated/socket";
import { Refused } from "../wire/refused";
import { alertParticipant } from "./attention";
import { announce, show } from "./notices";
import { refusalWords } from "./refusal";
import { connected, room, you } from "./room";
import { stopwatch } from "./server-clock";
import { iceServers } from "./session";

/** The side talks that this participant may see. */
export const talks = signal<readonly Talk[]>([]);
/** The own one, as this device has it. */
export const talk = computed(() => ownTalk(talks.value, you.value?.person));
/** Whether this device talks aside now: the room does not hear it then. */
export const isAside = computed(() => talk.value.phase === "talking");
/** Whether the other one hears nothing of this device because the participant wants it so. */
export const talkMuted = signal(false);
export const talkPath = signal<"connecting" | "connected" | "interrupted">("connecting");
/** The sound of the other one. */
export const talkTrack = signal<MediaStreamTrack | null>(null);

/** Whether the floor has called this participant out of a side talk a moment ago. */
const guarded = signal(false);
/** What the room gets of the microphone: nothing during a side talk. */
export const roomMicrophone = computed(() => (isAside.value || guarded.value ? null : microphone.value));

/** Nothing happens by a second press, which may come after the buttons have changed under the pointer. */
const PRESS_PAUSE_MS = 600;
const RING_MS = 4_000;

interface TalkWire {
  send(to: string, talk: string, signal: TalkSignal): void;
  command<T extends CommandType>(
    type: T,
    ifMatch: number | undefined,
    ...fields: FieldArguments<T>
  ): Promise<CommandOutput>;
}

let wire: TalkWire | null = null;
let peer: TalkPeer | null = null;
let peerOf = "";
let changedAt = 0;
let guard: ReturnType<typeof setTimeout> | undefined;

/** Called once: where side talks send what they have to say. */
export function connectTalks(to: TalkWire): void {
  wire = to;
}

/** Takes what the server says of side talks. */
export function receiveTalks(message: { talks: Talk[]; ended?: TalkEnded | null }): void {
  const was = talk.value;
  const me = you.value?.person;
  const now = ownTalk(message.talks, me);
  const isOver = was.phase !== "none" && (now.phase === "none" || now.id !== was.id);
  const ending = isOver ? endingOf(was, message.ended ?? undefined, me) : null;
  // Before the room may hear the microphone again.
  if (was.phase === "talking" && ending?.says === "floor_you") guardFloor();
  batch(() => (talks.value = message.talks));
  if (was.phase !== now.phase) changedAt = stopwatch();
  if (ending) tell(ending);
  if (now.phase === "calling" && was.phase !== "calling") announce(t("talk.calling", { name: name(now.other) }));
}

/** Takes a signal of the other device, if it belongs to the side talk of this one. */
export function receiveTalkSignal(id: string, payload: Record<string, unknown>): void {
  const signal = readSignal(payload);
  if (signal && peer && id === peerOf) peer.take(signal);
}

/** Forgets the side talks when the connection is lost: the server has ended the own one. */
export function forgetTalks(): void {
  const was = talk.value;
  talks.value = [];
  if (was.phase === "calling" || was.phase === "talking") tell({ says: "ended", other: was.other });
}

/** Calls a participant for a side talk. What speaks against it is said in a sentence. */
export async function callAside(person: string): Promise<void> {
  await attempt("talk.call", { to: person }, (error) => callWords(error, person));
}

export async function answerTalk(): Promise<void> {
  if (talk.value.phase === "ringing" && isSettled())
    await attempt("talk.answer", { talk: talk.value.id }, refusalWords);
}

export async function refuseTalk(): Promise<void> {
  if (talk.value.phase === "ringing" && isSettled())
    await attempt("talk.refuse", { talk: talk.value.id }, refusalWords);
}

/** Hangs up, or gives up calling; also the side talk of another device of this participant. */
export async function hangUpTalk(): Promise<void> {
  if (talk.value.phase !== "none" && isSettled()) await attempt("talk.hang_up", { talk: talk.value.id }, refusalWords);
}

/** Closes the side talk of two others. */
export async function closeTalk(id: string): Promise<void> {
  await attempt("talk.close", { talk: id }, refusalWords);
}

export function toggleTalkMicrophone(): void {
  if (!isSettled()) return;
  talkMuted.value = !talkMuted.value;
  announce(t(talkMuted.value ? "talk.muted" : "talk.unmuted"));
}

/** Called once: carries a side talk while there is one, and rings while one calls. */
export function watchTalks(): void {
  effect(() => {
    if (!connected.value) forgetTalks();
  });
  const held = computed(() => (talk.value.phase === "talking" ? talk.value.id : ""));
  effect(() => (held.value ? carry() : undefined));
  const ringing = computed(() => (talk.value.phase === "ringing" ? talk.value.other : ""));
  effect(() => {
    const caller = ringing.value;
    if (!caller) return undefined;
    const words = t("talk.rings", { name: name(caller) });
    announce(words, "assertive");
    alertParticipant("ask", words);
    const timer = setInterval(() => playSignal("ask"), RING_MS);
    return () => clearInterval(timer);
  });
}

/** Connects the two devices, and sends the microphone to the other one alone, until the returned function is called. */
function carry(): () => void {
  const now = talk.peek();
  if (now.phase !== "talking") return () => undefined;
  const { id, other, offers } = now;
  const openedHere = microphone.peek() === null;
  talkMuted.value = false;
  talkPath.value = "connecting";
  announce(t("talk.begins", { name: name(other) }), "assertive");
  const own = new TalkPeer([...iceServers.peek()], offers, {
    signal: (signal) => wire?.send(other, id, signal),
    heard: (track) => (talkTrack.value = track),
    changed: (state) => {
      if (state === "no_path")
        void wire?.command("talk.hang_up", undefined, { talk: id, no_path: true }).catch(() => undefined);
      else talkPath.value = state;
    },
  });
  peer = own;
  peerOf = id;
  if (openedHere)
    void microphoneSource.open().then((isOpen) => {
      if (!isOpen) show(t("check.microphone_failed"), "refused");
    });
  // A clone: the participant may be muted for the room and heard by the other one.
  const stopSending = effect(() => {
    const clone = microphone.value?.clone() ?? null;
    const stopMuting = effect(() => {
      if (clone) clone.enabled = !talkMuted.value;
    });
    own.send(clone);
    return () => {
      stopMuting();
      own.send(null);
      clone?.stop();
    };
  });
  return () => {
    stopSending();
    own.close();
    peer = null;
    peerOf = "";
    talkTrack.value = null;
    // The room gets no microphone that was not there before.
    if (openedHere) microphoneSource.close();
  };
}

function guardFloor(): void {
  clearTimeout(guard);
  guarded.value = true;
  guard = setTimeout(() => (guarded.value = false), FLOOR_GUARD_MS);
}

function tell({ says, other, by }: TalkEnding): void {
  const words = t(`talk.end.${says}`, { name: name(other), by: by ? name(by) : "" });
  show(words, says === "closed" || says === "no_path" || says === "floor_you" ? "refused" : "info");
}

async function attempt<T extends "talk.call" | "talk.answer" | "talk.refuse" | "talk.hang_up" | "talk.close">(
  type: T,
  fields: FieldArguments<T>[0],
  words: (error: unknown) => string,
): Promise<void> {
  try {
    await wire?.command(type, undefined, ...([fields] as FieldArguments<T>));
  } catch (error) {
    // A call that has ended meanwhile was told already.
    if (type !== "talk.call" && error instanceof Refused && error.problem.code === "not_found") return;
    show(words(error), "refused");
  }
}

/** Why a call was refused. The server's sentence is in English; another language has one for each cause. */
function callWords(error: unknown, person: string): string {
  if (!(error instanceof Refused) || languageTag() === DEFAULT_TAG) return refusalWords(error);
  const words = { conflict: "talk.busy", rate_limited: "talk.refused_lately", not_found: "talk.not_here" } as const;
  const code = error.problem.code as keyof typeof words | undefined;
  return code && code in words ? t(words[code], { name: name(person) }) : refusalWords(error);
}

function isSettled(): boolean {
  return stopwatch() - changedAt >= PRESS_PAUSE_MS;
}

function name(person: string): string {
  return room.value ? nameOf(room.value, person) : person;
}

/** A signal of the other device. It comes from another page, so nothing in it is trusted to be there. */
function readSignal({ offer, answer, candidate }: Record<string, unknown>): TalkSignal | null {
  if (typeof offer === "string") return { offer };
  if (typeof answer === "string") return { answer };
  if (candidate === null) return { candidate: null };
  return typeof candidate === "object" ? { candidate: candidate as RTCIceCandidateInit } : null;
}
