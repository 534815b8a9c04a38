/** What the media path is like, from the browser's own statistics and the server's reports. */
export interface PathFigures {
  rttMs: number | null;
  /** The worse of both directions, 0 to 1. */
  loss: number;
  protocol: "UDP" | "TCP";
}

/** Reads the selected candidate pair. `null` until one is selected. */
export async function pathFigures(pc: RTCPeerConnection): Promise<PathFigures | null> {
  const report = await pc.getStats();
  let pair: (RTCIceCandidatePairStats & { selected?: boolean }) | null = null;
  let lost = 0;
  let received = 0;
  let lossUp = 0;
  report.forEach((stat) => {
    if (stat.type === "candidate-pair" && stat.state === "succeeded" && (stat.nominated || stat.selected)) pair = stat;
    if (stat.type === "remote-inbound-rtp") lossUp = Math.max(lossUp, stat.fractionLost ?? 0);
    if (stat.type === "inbound-rtp") {
      lost += Math.max(0, stat.packetsLost ?? 0);
      received += stat.packetsReceived ?? 0;
    }
  });
  if (!pair) return null;
  const { currentRoundTripTime, localCandidateId } = pair as RTCIceCandidatePairStats;
  const protocol = String(report.get(localCandidateId)?.protocol ?? "udp").toLowerCase();
  return {
    rttMs: currentRoundTripTime === undefined ? null : currentRoundTripTime * 1000,
    loss: Math.max(lossUp, lost + received > 0 ? lost / (lost + received) : 0),
    protocol: protocol === "tcp" ? "TCP" : "UDP",
  };
}
