import { FLOOR } from "../model/channels";
import { Socket } from "../wire/socket";
import { microphone } from "./devices";
import { pathFigures, type PathFigures } from "./path";
import { Peer } from "./peer";

const PATIENCE_MS = 8_000;
const MEASURED_MS = 2_500;

let running: (() => void) | null = null;
let ended = 0;

/** Ends a check that still runs: its seat must be free before the real one is taken. */
export function stopCheck(): void {
  running?.();
}

/** True when the server may still take this device's check for another device of the same person. */
export function checkedJustNow(): boolean {
  return Date.now() - ended < 15_000;
}

/**
 * Joins the room's media for a moment and measures the path that sound and picture will take. What it sends is
 * silence, for the server's own reports of it: loss and round trip there are what the stage would have. `null` when
 * nothing got through.
 */
export async function checkNetwork(token: string, room: string): Promise<PathFigures | null> {
  stopCheck();
  const silence = microphone.value?.clone() ?? null;
  if (silence) silence.enabled = false;
  const peer = new Peer({ microphone: silence, camera: null, screen: null });
  const offered = await peer.offer(FLOOR);
  return new Promise((resolve) => {
    const finish = (figures: PathFigures | null) => {
      clearTimeout(patience);
      running = null;
      ended = Date.now();
      socket.close();
      peer.close();
      silence?.stop();
      resolve(figures);
    };
    const patience = setTimeout(() => finish(null), PATIENCE_MS);
    running = () => finish(null);
    const socket = new Socket({ type: "hello", token, room, ...offered }, {
      message: (message) => {
        if (message.type === "welcome" && "answer" in message && message.answer) {
          peer.accept(String(message.answer)).catch(() => finish(null));
        }
      },
      closed: () => finish(null),
    });
    peer.connection.onconnectionstatechange = () => {
      if (peer.connection.connectionState !== "connected") return;
      setTimeout(() => void pathFigures(peer.connection).then(finish, () => finish(null)), MEASURED_MS);
    };
  });
}
