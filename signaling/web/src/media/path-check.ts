import {
  keepCandidates,
  PATHS,
  relaysOf,
  relayTargets,
  targetsIn,
  type Path,
  type PathResult,
} from "../model/network-paths";
import { Socket } from "../wire/socket";
import { Peer } from "./peer";

/** A path that is open connects in a second; a firewall that drops packets says nothing. */
const PATH_TIMEOUT_MS = 5_000;
/** A person may run four checks at once, of which another tab may want some. */
const LANES = 2;

interface Attempt {
  end: Promise<PathResult>;
  stop(): void;
}

/** A test of every path, each alone, as it goes on. */
export interface PathCheck {
  /** Resolves with one result for each path that the server offers. */
  results: Promise<PathResult[]>;
  stop(): void;
}

/** Tests each path by itself: with the candidates or relays of that path only, the connection has no other way. */
export function checkPaths(token: string, room: string, iceServers: readonly RTCIceServer[]): PathCheck {
  const waiting = PATHS.filter((path) => !isRelay(path) || relaysOf(path, iceServers).length > 0);
  const running = new Set<Attempt>();
  let stopped = false;
  const lane = async (): Promise<PathResult[]> => {
    const found: PathResult[] = [];
    for (let path = waiting.shift(); path && !stopped; path = waiting.shift()) {
      const attempt = checkPath(token, room, path, iceServers);
      running.add(attempt);
      const result = await attempt.end;
      running.delete(attempt);
      // A server without an address of that kind does not offer the path.
      if (result.targets.length > 0) found.push(result);
    }
    return found;
  };
  const lanes = Array.from({ length: LANES }, lane);
  return {
    results: Promise.all(lanes).then((found) =>
      found.flat().sort((a, b) => PATHS.indexOf(a.path) - PATHS.indexOf(b.path)),
    ),
    stop: () => {
      stopped = true;
      for (const attempt of running) attempt.stop();
    },
  };
}

const isRelay = (path: Path) => path.startsWith("relay");

function checkPath(token: string, room: string, path: Path, iceServers: readonly RTCIceServer[]): Attempt {
  const relays = relaysOf(path, iceServers);
  const protocol = path === "tcp" ? "tcp" : "udp";
  let stop = () => {};
  const end = new Promise<PathResult>((resolve) => {
    let targets = relayTargets(relays);
    const peer = new Peer(
      { microphone: null, camera: null, screen: null },
      { iceServers: relays, iceTransportPolicy: isRelay(path) ? "relay" : "all" },
    );
    let socket: Socket | null = null;
    const finish = (works: boolean) => {
      clearTimeout(timeout);
      socket?.close();
      peer.close();
      resolve({ path, works, targets });
    };
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
          { type: "hello", token, room, check: true, offer },
          { message: (message) => message.type === "check" && accept(message.answer), closed: fail },
        );
      })
      .catch(fail);
  });
  return { end, stop: () => stop() };
}
