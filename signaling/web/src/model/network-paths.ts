import type { IceServer } from "../wire/generated/http";

/** The ways by which sound and picture can reach the server, the best first. */
export const PATHS = ["udp", "tcp", "relay_udp", "relay_tcp", "relay_tls"] as const;
export type Path = (typeof PATHS)[number];

/** What a test of one way has found. */
export interface PathResult {
  path: Path;
  works: boolean;
  /** Where it leads: `203.0.113.5:8081`, or a name with a port. */
  targets: string[];
}

/** An ICE candidate of the server, as far as it concerns people who open firewalls. */
interface Candidate {
  protocol: "udp" | "tcp";
  target: string;
}

const DEFAULT_TURN_PORT = "3478";
const DEFAULT_TURNS_PORT = "5349";

/** `a=candidate:1 1 UDP 2130706431 203.0.113.5 8081 typ host` (RFC 8839, section 5.1). */
const CANDIDATE = /^a=candidate:\S+ \d+ (udp|tcp) \d+ (\S+) (\d+) /i;

function candidate(line: string): Candidate | null {
  const [, protocol, address = "", port] = line.match(CANDIDATE) ?? [];
  if (!protocol) return null;
  const host = address.includes(":") ? `[${address}]` : address;
  return { protocol: protocol.toLowerCase() as Candidate["protocol"], target: `${host}:${port}` };
}

/** The server's addresses in an answer for one protocol; its own loopback concerns nobody else, unless there is no other. */
export function targetsIn(answer: string, protocol: Candidate["protocol"]): string[] {
  const found = answer.split(/\r?\n/).flatMap((line) => candidate(line) ?? []);
  const all = [...new Set(found.filter((each) => each.protocol === protocol).map((each) => each.target))];
  const outside = all.filter((target) => !/^(127\.|\[::1\])/.test(target));
  return outside.length > 0 ? outside : all;
}

/** The answer with the candidates of one protocol only, so that a connection has no other way. */
export function keepCandidates(answer: string, protocol: Candidate["protocol"]): string {
  return answer
    .split(/(?<=\n)/)
    .filter((line) => (candidate(line)?.protocol ?? protocol) === protocol)
    .join("");
}

/** The URLs of relays (RFC 7065) that one way uses. */
function usedBy(path: Path, url: string): boolean {
  const tcp = /[?&]transport=tcp\b/.test(url);
  switch (path) {
    case "relay_udp":
      return url.startsWith("turn:") && !tcp;
    case "relay_tcp":
      return url.startsWith("turn:") && tcp;
    case "relay_tls":
      return url.startsWith("turns:");
    default:
      return false;
  }
}

/** The relays of one way alone. */
export function relaysOf(path: Path, servers: readonly IceServer[]): IceServer[] {
  return servers
    .map((server) => ({ ...server, urls: server.urls.filter((url) => usedBy(path, url)) }))
    .filter(({ urls }) => urls.length > 0);
}

/** Where those relays are. */
export function relayTargets(servers: readonly IceServer[]): string[] {
  const all = servers.flatMap(({ urls }) => urls);
  const targets = all.map((url) => {
    const [scheme = "", rest = ""] = url.split(/:(.*)/s);
    const place = rest.split("?")[0] ?? "";
    const port = scheme === "turns" ? DEFAULT_TURNS_PORT : DEFAULT_TURN_PORT;
    return /:\d+$/.test(place) ? place : `${place}:${port}`;
  });
  return [...new Set(targets)];
}

/** How well this network lets sound and picture through. */
export type Verdict = "direct" | "over_tcp" | "relayed" | "none";

export function verdict(results: readonly PathResult[]): Verdict {
  const works = (path: Path) => results.some((each) => each.path === path && each.works);
  if (works("udp")) return "direct";
  if (works("tcp")) return "over_tcp";
  return results.some(({ works }) => works) ? "relayed" : "none";
}

/** What is to be opened for a path, in the words of firewalls. */
export function opening({ path, targets }: PathResult): { protocol: "UDP" | "TCP"; targets: string[] } {
  return { protocol: path === "udp" || path === "relay_udp" ? "UDP" : "TCP", targets };
}

/**
 * What people who run the network should open: what does not work now, the best first, each place once. Nothing where the
 * best way works.
 */
export function openings(results: readonly PathResult[]): { protocol: "UDP" | "TCP"; targets: string[] }[] {
  if (verdict(results) === "direct") return [];
  const seen = new Set<string>();
  return results
    .filter(({ works }) => !works)
    .map(opening)
    .map(({ protocol, targets }) => ({
      protocol,
      targets: targets.filter((target) => {
        const place = `${protocol} ${target}`;
        return !seen.has(place) && seen.add(place);
      }),
    }))
    .filter(({ targets }) => targets.length > 0);
}
