// A capture of the server's media port by tcpdump, reduced to datagrams, and a test for RTP (RFC 7983, RFC 5761).

import { spawn } from "node:child_process";

/** Captures UDP of one port. `stop()` returns every datagram as `{at, from, to, payload}`, with `at` in ms since 1970. */
export async function capture(port) {
  const privileged = process.getuid?.() === 0 ? ["tcpdump"] : ["sudo", "tcpdump"];
  const [command, ...first] = privileged;
  // Packet-buffered, so that every packet is written before it stops; SLL2 puts 20 bytes before the IP header.
  const child = spawn(
    command,
    [...first, "-i", "any", "-y", "LINUX_SLL2", "-U", "-s", "96", "-w", "-", "udp", "port", String(port)],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const chunks = [];
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  await new Promise((done, fail) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
      if (said.includes("listening on")) done();
    });
    child.once("exit", (code) => fail(new Error(`tcpdump ended with ${code}: ${said}`)));
  });
  return {
    async stop() {
      const ended = new Promise((done) => child.once("close", done));
      child.kill("SIGINT");
      await ended;
      return datagrams(Buffer.concat(chunks));
    },
  };
}

function* records(pcap) {
  const little = pcap.readUInt32LE(0) === 0xa1b2c3d4;
  const length = (at) => (little ? pcap.readUInt32LE(at) : pcap.readUInt32BE(at));
  for (let at = 24; at + 16 <= pcap.length;) {
    const size = length(at + 8);
    yield { at: length(at) * 1000 + length(at + 4) / 1000, bytes: pcap.subarray(at + 16, at + 16 + size) };
    at += 16 + size;
  }
}

function datagrams(pcap) {
  const found = [];
  if (pcap.length < 24) return found;
  for (const { at, bytes } of records(pcap)) {
    const ip = bytes.subarray(20);
    if (ip.length < 28) continue;
    const version = ip[0] >> 4;
    const header = version === 4 ? (ip[0] & 15) * 4 : 40;
    const udp = ip.subarray(header);
    if (udp.length < 8) continue;
    found.push({ at, from: udp.readUInt16BE(0), to: udp.readUInt16BE(2), payload: udp.subarray(8) });
  }
  return found;
}

/** Whether a datagram is (S)RTP: first byte 128–191 (RFC 7983) and not an RTCP type (RFC 5761). */
export const isRtp = ({ payload }) =>
  payload.length >= 12 && payload[0] >= 128 && payload[0] <= 191 && !(payload[1] >= 192 && payload[1] <= 223);
