import { PATH_TIMEOUT_MS } from "../model/talks";

/** What the two devices of a side talk tell each other. */
export type TalkSignal = { offer: string } | { answer: string } | { candidate: RTCIceCandidateInit | null };

export interface TalkOwner {
  signal(signal: TalkSignal): void;
  /** `no_path` is the last word: the two devices do not reach each other. */
  changed(state: "connected" | "interrupted" | "no_path"): void;
  heard(track: MediaStreamTrack): void;
}

/**
 * The connection of a side talk: sound alone, straight from one device to the other, or through a relay that leads there.
 * The caller makes every offer, so that two offers never meet.
 */
export class TalkPeer {
  private readonly connection: RTCPeerConnection;
  private sender: RTCRtpSender | null = null;
  private track: MediaStreamTrack | null = null;
  /** Candidates that came before the description to which they belong. */
  private early: (RTCIceCandidateInit | null)[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private done: Promise<void> = Promise.resolve();

  constructor(
    iceServers: RTCIceServer[],
    private readonly offers: boolean,
    private readonly owner: TalkOwner,
  ) {
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers });
    this.connection = pc;
    pc.onicecandidate = ({ candidate }) => owner.signal({ candidate: candidate?.toJSON() ?? null });
    pc.ontrack = ({ track }) => owner.heard(track);
    pc.onconnectionstatechange = () => this.follow();
    if (offers) {
      this.sender = pc.addTransceiver("audio", { direction: "sendrecv" }).sender;
      pc.onnegotiationneeded = () => this.inTurn(() => this.offer());
    }
    this.awaitPath();
  }

  /** Sends that track from now on, or nothing. */
  send(track: MediaStreamTrack | null): void {
    this.track = track;
    void this.sender?.replaceTrack(track).catch(() => undefined);
  }

  /** Takes a signal of the other device. What cannot be used is left out: then no path is found. */
  take(signal: TalkSignal): void {
    this.inTurn(async () => {
      const pc = this.connection;
      if ("candidate" in signal) {
        if (pc.remoteDescription) await pc.addIceCandidate(signal.candidate ?? undefined);
        else this.early.push(signal.candidate);
        return;
      }
      if ("offer" in signal) {
        await pc.setRemoteDescription({ type: "offer", sdp: signal.offer });
        await this.answer();
      } else await pc.setRemoteDescription({ type: "answer", sdp: signal.answer });
      for (const candidate of this.early.splice(0)) await pc.addIceCandidate(candidate ?? undefined);
    });
  }

  close(): void {
    clearTimeout(this.timer);
    this.connection.onconnectionstatechange = null;
    this.connection.onnegotiationneeded = null;
    this.connection.onicecandidate = null;
    this.connection.ontrack = null;
    this.connection.close();
  }

  /** One step after the other: a description takes a while, and candidates come meanwhile. */
  private inTurn(step: () => Promise<void>): void {
    this.done = this.done.then(step).catch(() => undefined);
  }

  private async offer(): Promise<void> {
    await this.connection.setLocalDescription(await this.connection.createOffer());
    this.owner.signal({ offer: this.connection.localDescription?.sdp ?? "" });
  }

  private async answer(): Promise<void> {
    const [transceiver] = this.connection.getTransceivers();
    if (transceiver && !this.sender) {
      transceiver.direction = "sendrecv";
      this.sender = transceiver.sender;
      await this.sender.replaceTrack(this.track);
    }
    await this.connection.setLocalDescription(await this.connection.createAnswer());
    this.owner.signal({ answer: this.connection.localDescription?.sdp ?? "" });
  }

  private follow(): void {
    switch (this.connection.connectionState) {
      case "connected":
        clearTimeout(this.timer);
        this.timer = undefined;
        return this.owner.changed("connected");
      case "disconnected":
        this.owner.changed("interrupted");
        return this.awaitPath();
      case "failed":
        this.owner.changed("interrupted");
        if (this.offers) this.connection.restartIce();
        return this.awaitPath();
    }
  }

  private awaitPath(): void {
    this.timer ??= setTimeout(() => this.owner.changed("no_path"), PATH_TIMEOUT_MS);
  }
}
