import { FLOOR } from "../model/channels";
import { Socket } from "../wire/socket";
import { microphone } from "./devices";
import { pathFigures, type PathFigures } from "./path";
import { Peer } from "./peer";

const CHECK_TIMEOUT_MS = 8_000;
const MEASURING_MS = 2_500;
/** For as long the server may still count the check as another device of the same participant. */
const CHECK_LINGERS_MS = 15_000;

let stopRunning: (() => void) | null = null;
let ended = 0;

/** Ends a check that still runs: its seat must be free before the real one is taken. */
export function stopCheck(): void {
  stopRunning?.();
}

export function checkedJustNow(): boolean {
  return Date.now() - ended < CHECK_LINGERS_MS;
}

/**
 * Joins the room's media for a moment and measures the path that sound and picture will take. It sends silence, so that
 * the server's receiver reports have the loss and round trip that a speaker would have. `null` if nothing got through.
 */
export async function checkNetwork(token: string, room: string): Promise<PathFigures | null> {
  stopCheck();
  const silence = microphone.value?.clone() ?? null;
  if (silence) silence.enabled = false;
  const peer = new Peer({ microphone: silence, camera: null, screen: null });
  const offered = await peer.offer(FLOOR);
  return new Promise((resolve) => {
    const finish = (figures: PathFigures | null) => {
      clearTimeout(timeout);
      stopRunning = null;
      ended = Date.now();
      socket.close();
      peer.close();
      silence?.stop();
      resolve(figures);
    };
    const timeout = setTimeout(() => finish(null), CHECK_TIMEOUT_MS);
    stopRunning = () => finish(null);
    const socket = new Socket({ type: "hello", token, room, ...offered }, {
      message: (message) => {
        if (message.type === "welcome" && message.answer) peer.accept(message.answer).catch(() => finish(null));
      },
      closed: () => finish(null),
    });
    peer.connection.onconnectionstatechange = () => {
      if (peer.connection.connectionState !== "connected") return;
      setTimeout(() => void pathFigures(peer.connection).then(finish, () => finish(null)), MEASURING_MS);
    };
  });
}
