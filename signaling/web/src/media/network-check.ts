import { effect } from "@preact/signals";
import { RATE_LIMITED, UNAUTHORIZED } from "../wire/closing";
import type { IceServer } from "../wire/generated/http";
import { Socket } from "../wire/socket";
import { microphone } from "./devices";
import { pathFigures, type PathFigures } from "./path";
import { Peer } from "./peer";

const CHECK_TIMEOUT_MS = 8_000;
const MEASURING_MS = 2_500;

let stopRunning: (() => void) | null = null;

/** Ends a check that still runs. */
export function stopCheck(): void {
  stopRunning?.();
}

/** Why no figures came; a check that was stopped has found nothing out. */
export type NoFigures = "unauthorized" | "busy" | "no_path" | "stopped";

/**
 * Measures the path that sound and picture will take, through the media server itself and without a seat: nobody learns of
 * it. The bearer of a check link knows no room. It sends silence, so that the server's receiver reports have the loss and round trip that a speaker would have.
 */
export async function checkNetwork(
  token: string,
  room: string | null,
  iceServers: IceServer[],
): Promise<PathFigures | NoFigures> {
  stopCheck();
  const peer = new Peer({ microphone: null, camera: null, screen: null }, { iceServers });
  // The microphone may be opened only now, while its own check runs.
  let silence: MediaStreamTrack | null = null;
  const stopSilence = effect(() => {
    silence?.stop();
    silence = microphone.value?.clone() ?? null;
    if (silence) silence.enabled = false;
    peer.send("microphone", silence).catch(() => undefined);
  });
  const { offer } = await peer.offer(() => []);
  return new Promise((resolve) => {
    const finish = (result: PathFigures | NoFigures) => {
      clearTimeout(timeout);
      stopRunning = null;
      socket.close();
      stopSilence();
      silence?.stop();
      peer.close();
      resolve(result);
    };
    const fail = () => finish("no_path");
    const timeout = setTimeout(fail, CHECK_TIMEOUT_MS);
    stopRunning = () => finish("stopped");
    const socket = new Socket(
      { type: "hello", token, room: room ?? undefined, check: true, offer },
      {
        message: (message) => {
          if (message.type === "check") peer.accept(message.answer).catch(fail);
        },
        closed: (code) => finish(code === UNAUTHORIZED ? "unauthorized" : code === RATE_LIMITED ? "busy" : "no_path"),
      },
    );
    peer.connection.onconnectionstatechange = () => {
      if (peer.connection.connectionState !== "connected") return;
      setTimeout(
        () => void pathFigures(peer.connection).then((figures) => finish(figures ?? "no_path"), fail),
        MEASURING_MS,
      );
    };
  });
}
