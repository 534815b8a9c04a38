import {
  keepCandidates,
  PATHS,
  relaysOf,
  relayTargets,
  targetsIn,
  type Path,
  type PathResult,
} from "../model/network-paths";
import { RATE_LIMITED } from "../wire/closing";
import type { IceServer } from "../wire/generated/http";
import { Socket } from "../wire/socket";
import { Peer } from "./peer";

/** A path that is open connects in a second; a firewall that drops packets says nothing. */
const PATH_TIMEOUT_MS = 5_000;
/** A person may run four checks at once, of which another tab may want some. */
const LANES = 2;
/** While too many checks run, one says nothing of the network: it is tried again. */
const BUSY_PAUSE_MS = 3_000;
const MAX_BUSY_PAUSES = 5;

interface Attempt {
  end: Promise<PathResult | "busy">;
  stop(): void;
}

/** A test of every path, each alone, as it goes on. */
export interface PathCheck {
  /** Resolves with one result for each path that the server offers, or with "busy" if it had no place for a test. */
  results: Promise<PathResult[] | "busy">;
  stop(): void;
}

/** Tests each path by itself: with the candidates or relays of that path only, the connection has no other way. */
export function checkPaths(token: string, room: string | null, iceServers: readonly IceServer[]): PathCheck {
  const waiting = PATHS.filter((path) => !isRelay(path) || relaysOf(path, iceServers).length > 0);
  const running = new Set<Attempt>();
  const found: PathResult[] = [];
  let stopped = false;
  let busy = false;
  const checkOnceFree = async (path: Path) => {
    for (let pauses = 0; ; pauses += 1) {
      const attempt = checkPath(token, room, path, iceServers);
      running.add(attempt);
      const result = await attempt.end;
      running.delete(attempt);
      if (result !== "busy" || stopped || pauses === MAX_BUSY_PAUSES) return result;
      await new Promise((done) => setTimeout(done, BUSY_PAUSE_MS));
    }
  };
  const lane = async () => {
    for (let path = waiting.shift(); path && !stopped; path = waiting.shift()) {
      const result = await checkOnceFree(path);
      if (result === "busy") busy = true;
      // A server without an address of that kind does not offer the path.
      else if (result.targets.length > 0) found.push(result);
    }
  };
  return {
    results: Promise.all(Array.from({ length: LANES }, lane)).then(() =>
      busy ? "busy" : found.sort((a, b) => PATHS.indexOf(a.path) - PATHS.indexOf(b.path)),
    ),
    stop: () => {
      stopped = true;
      for (const attempt of running) attempt.stop();
    },
  };
}

const isRelay = (path: Path) => path.startsWith("relay");

function checkPath(token: string, room: string | null, path: Path, iceServers: readonly IceServer[]): Attempt {
  const relays = relaysOf(path, iceServers);
  const protocol = path === "tcp" ? "tcp" : "udp";
  let stop = () => {};
  const ended = new Promise<PathResult | "busy">((resolve) => {
    let targets = relayTargets(relays);
    const peer = new Peer(
      { microphone: null, camera: null, screen: null },
      { iceServers: relays, iceTransportPolicy: isRelay(path) ? "relay" : "all" },
    );
    let socket: Socket | null = null;
    const end = (result: PathResult | "busy") => {
      clearTimeout(timeout);
      socket?.close();
      peer.close();
      resolve(result);
    };
    const finish = (works: boolean) => end({ path, works, targets });
    const fail = () => finish(false);
    const timeout = setTimeout(fail, PATH_TIMEOUT_MS);
    stop = fail;
    peer.connection.onconnectionstatechange = () => {
      const { connectionState: state } = peer.connection;
      if (state === "connected") finish(true);
      if (state === "failed") fail();
    };
    const accept = (answer: string) => {
      if (!isRelay(path)) targets = targetsIn(answer, protocol);
      peer.accept(keepCandidates(answer, protocol)).catch(fail);
    };
    peer
      .offer(() => [])
      .then(({ offer }) => {
        socket = new Socket(
          { type: "hello", token, room: room ?? undefined, check: true, offer },
          {
            message: (message) => message.type === "check" && accept(message.answer),
            closed: (code) => (code === RATE_LIMITED ? end("busy") : fail()),
          },
        );
      })
      .catch(fail);
  });
  return { end: ended, stop: () => stop() };
}
