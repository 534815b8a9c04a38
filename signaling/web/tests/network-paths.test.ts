import { describe, expect, it } from "vitest";
import {
  keepCandidates,
  openings,
  relaysOf,
  relayTargets,
  targetsIn,
  verdict,
  type Path,
  type PathResult,
} from "../src/model/network-paths";
import type { IceServer } from "../src/wire/generated/http";

const answer = [
  "v=0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "a=candidate:1 1 UDP 2130706431 203.0.113.5 8081 typ host",
  "a=candidate:2 1 udp 2130706431 2001:db8::5 8081 typ host",
  "a=candidate:3 1 udp 2130706431 127.0.0.1 8081 typ host",
  "a=candidate:4 1 TCP 1671430143 203.0.113.5 8081 typ host tcptype passive",
  "a=end-of-candidates",
  "",
].join("\r\n");

const servers: IceServer[] = [
  {
    urls: ["turn:203.0.113.5:8081?transport=udp", "turn:203.0.113.5:8081?transport=tcp", "turns:host.example:443"],
    username: "1:tokyo-1",
    credential: "secret",
  },
  { urls: ["turn:turn.example"], username: "1:tokyo-1", credential: "secret" },
];

const result = (path: Path, works: boolean, ...targets: string[]): PathResult => ({ path, works, targets });

describe("the candidates of an answer", () => {
  it("are read for each protocol, and the server's loopback is left out", () => {
    expect(targetsIn(answer, "udp")).toEqual(["203.0.113.5:8081", "[2001:db8::5]:8081"]);
    expect(targetsIn(answer, "tcp")).toEqual(["203.0.113.5:8081"]);
    expect(targetsIn("a=candidate:3 1 udp 1 127.0.0.1 9 typ host", "udp")).toEqual(["127.0.0.1:9"]);
  });

  it("of one protocol are kept, and every other line", () => {
    const kept = keepCandidates(answer, "tcp");
    expect(kept).not.toMatch(/udp/);
    expect(kept.split("\r\n")).toHaveLength(answer.split("\r\n").length - 3);
    expect(keepCandidates(answer, "udp")).not.toContain("tcptype");
  });
});

describe("the relays", () => {
  it("are told apart by what carries them", () => {
    expect(relaysOf("relay_tcp", servers)).toEqual([
      { urls: ["turn:203.0.113.5:8081?transport=tcp"], username: "1:tokyo-1", credential: "secret" },
    ]);
    expect(relaysOf("relay_udp", servers).map(({ urls }) => urls)).toEqual([
      ["turn:203.0.113.5:8081?transport=udp"],
      ["turn:turn.example"],
    ]);
    expect(relaysOf("udp", servers)).toEqual([]);
  });

  it("have the standard's ports where they name none", () => {
    expect(relayTargets(servers)).toEqual(["203.0.113.5:8081", "host.example:443", "turn.example:3478"]);
    expect(relayTargets([{ urls: ["turns:[2001:db8::5]"], username: "", credential: "" }])).toEqual([
      "[2001:db8::5]:5349",
    ]);
  });
});

describe("a network", () => {
  it("is judged by the best path that works", () => {
    expect(verdict([result("udp", true), result("tcp", false)])).toBe("direct");
    expect(verdict([result("udp", false), result("tcp", true)])).toBe("over_tcp");
    expect(verdict([result("udp", false), result("tcp", false), result("relay_tls", true)])).toBe("relayed");
    expect(verdict([result("udp", false)])).toBe("none");
  });

  it("that lets the best path through needs nothing opened", () => {
    expect(openings([result("udp", true, "a:1"), result("tcp", false, "a:1")])).toEqual([]);
  });

  it("is told what to open, the best first and each place once", () => {
    const results = [
      result("udp", false, "203.0.113.5:8081"),
      result("tcp", false, "203.0.113.5:8081"),
      result("relay_tcp", false, "203.0.113.5:8081"),
      result("relay_tls", true, "host.example:443"),
    ];
    expect(openings(results)).toEqual([
      { protocol: "UDP", targets: ["203.0.113.5:8081"] },
      { protocol: "TCP", targets: ["203.0.113.5:8081"] },
    ]);
  });
});
