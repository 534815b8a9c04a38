/** Figures of the media path, from the browser's own statistics and the server's receiver reports. */
export interface PathFigures {
  rttMs: number | null;
  /** The worse of both directions, 0 to 1. */
  loss: number;
  protocol: "UDP" | "TCP";
}

/** Reads the nominated candidate pair. `null` until there is one. */
export async function pathFigures(pc: RTCPeerConnection): Promise<PathFigures | null> {
  const report = await pc.getStats();
  const all = [...report.values()];
  // Firefox says `selected` where the specification says `nominated`.
  const pair = all.find((stat) => stat.type === "candidate-pair" && stat.state === "succeeded" && (stat.nominated || stat.selected));
  if (!pair) return null;
  const inbound = all.filter((stat) => stat.type === "inbound-rtp");
  const lost = inbound.reduce((sum, stat) => sum + Math.max(0, stat.packetsLost ?? 0), 0);
  const received = inbound.reduce((sum, stat) => sum + (stat.packetsReceived ?? 0), 0);
  const lossUp = Math.max(0, ...all.filter((stat) => stat.type === "remote-inbound-rtp").map((stat) => stat.fractionLost ?? 0));
  const protocol = String(report.get(pair.localCandidateId)?.protocol ?? "udp").toLowerCase();
  return {
    rttMs: pair.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
    loss: Math.max(lossUp, lost + received > 0 ? lost / (lost + received) : 0),
    protocol: protocol === "tcp" ? "TCP" : "UDP",
  };
}
