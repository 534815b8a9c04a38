/** Figures of the media path, from the browser's own statistics and the server's receiver reports. */
export interface PathFigures {
  rttMs: number | null;
  /** The worse of both directions, 0 to 1; `null` where nothing was sent or received yet that could be lost. */
  loss: number | null;
  protocol: "UDP" | "TCP";
}

/** The bytes that all paths of a connection have brought. */
export async function bytesReceived(pc: RTCPeerConnection): Promise<number> {
  const pairs = [...(await pc.getStats()).values()].filter((stat) => stat.type === "candidate-pair");
  return pairs.reduce((sum, pair) => sum + (pair.bytesReceived ?? 0), 0);
}

/** Reads the nominated candidate pair. `null` until there is one. */
export async function pathFigures(pc: RTCPeerConnection): Promise<PathFigures | null> {
  const report = await pc.getStats();
  const all = [...report.values()];
  // Firefox says `selected` where the specification says `nominated`.
  const pair = all.find(
    (stat) => stat.type === "candidate-pair" && stat.state === "succeeded" && (stat.nominated || stat.selected),
  );
  if (!pair) return null;
  const inbound = all.filter((stat) => stat.type === "inbound-rtp");
  const lost = inbound.reduce((sum, stat) => sum + Math.max(0, stat.packetsLost ?? 0), 0);
  const received = inbound.reduce((sum, stat) => sum + (stat.packetsReceived ?? 0), 0);
  const losses = all
    .filter((stat) => stat.type === "remote-inbound-rtp" && typeof stat.fractionLost === "number")
    .map((stat) => Math.max(0, stat.fractionLost));
  if (lost + received > 0) losses.push(lost / (lost + received));
  const protocol = String(report.get(pair.localCandidateId)?.protocol ?? "udp").toLowerCase();
  return {
    rttMs: pair.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
    loss: losses.length > 0 ? Math.max(...losses) : null,
    protocol: protocol === "tcp" ? "TCP" : "UDP",
  };
}
