import type { Sound } from "../model/channels";
import type { SlotWant } from "../wire/messages";
import { Peer, type Sources } from "./peer";

/** How long a path may be interrupted before ICE is restarted: a moment's loss mends itself. */
const RESTART_AFTER_MS = 2_500;
/** A negotiation that has not connected by then has failed. Doubled for each that follows, up to a minute. */
const CONNECTED_WITHIN_MS = 8_000;
const LONGEST_MS = 60_000;

export type MediaState = "connected" | "lost";

interface Owner {
  sources(): Sources;
  /** Sends an offer to the room. */
  signal(offer: string): void;
  state(state: MediaState): void;
  /** What the line for a language is to carry. */
  sound(): Sound;
  /** What is received on which line, and which lines carry voices and the chosen language. */
  lines(tracks: Map<string, MediaStreamTrack>, voices: string[], language: string): void;
}

/**
 * Keeps the media flowing while the seat is held. No browser looks for another path by itself once the one it had is
 * gone (it says `disconnected` after 6 to 12 s and `failed` later), so ICE is restarted here; and a session that the
 * server has given up, or that a restart did not mend, is begun anew. The seat itself needs none of this: it is held
 * by the socket.
 */
export class MediaLink {
  private peer: Peer;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;

  constructor(private readonly owner: Owner) {
    this.peer = this.begin();
  }

  get connection(): RTCPeerConnection {
    return this.peer.connection;
  }

  offer(): Promise<{ offer: string; slots: SlotWant[] }> {
    return this.peer.offer(this.owner.sound());
  }

  accept(answer: string): void {
    const peer = this.peer;
    peer.accept(answer).then(
      () => {
        if (peer !== this.peer) return;
        // The lines are fixed, so from the first answer on only a restart of ICE asks for another offer.
        peer.connection.onnegotiationneeded = () => void this.negotiate();
        this.owner.lines(peer.tracks(), peer.voices(), peer.language());
      },
      () => peer === this.peer && this.lost(),
    );
  }

  send(source: keyof Sources, track: MediaStreamTrack | null): void {
    void this.peer.send(source, track).catch(() => undefined);
  }

  /** A new session, with new keys, on the same lines. */
  renew(): void {
    this.close();
    this.peer = this.begin();
    this.lost();
    void this.negotiate();
  }

  close(): void {
    clearTimeout(this.timer);
    this.peer.connection.onconnectionstatechange = null;
    this.peer.connection.onnegotiationneeded = null;
    this.peer.close();
  }

  private begin(): Peer {
    const peer = new Peer(this.owner.sources());
    peer.connection.onconnectionstatechange = () => this.changed(peer.connection.connectionState);
    return peer;
  }

  private changed(state: RTCPeerConnectionState): void {
    if (state === "connected") {
      clearTimeout(this.timer);
      this.attempts = 0;
      this.owner.state("connected");
    } else if (state === "disconnected") {
      this.owner.state("lost");
      this.after(RESTART_AFTER_MS, () => this.restart());
    } else if (state === "failed") {
      this.restart();
    }
  }

  private restart(): void {
    this.lost();
    this.connection.restartIce();
  }

  private lost(): void {
    this.owner.state("lost");
    this.after(Math.min(LONGEST_MS, CONNECTED_WITHIN_MS * 2 ** this.attempts++), () => this.renew());
  }

  private async negotiate(): Promise<void> {
    const peer = this.peer;
    const { offer } = await peer.offer(this.owner.sound());
    if (peer === this.peer) this.owner.signal(offer);
  }

  private after(ms: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, ms);
  }
}
