import type { ChosenLines } from "../model/wants";
import type { SlotWant } from "../wire/messages";
import { Peer, type Lines, type Sources } from "./peer";
import { NEW_PATH, recover, type RecoveryEffect, type RecoveryInput } from "./recovery";

export interface MediaOwner {
  sources(): Sources;
  /** The relays that the server has named last. */
  iceServers(): RTCIceServer[];
  /** Sends an offer to the room. */
  signal(offer: string): void;
  changed(state: "connected" | "lost"): void;
  /** The wants of a new offer for the lines that this device chooses for. */
  wants(lines: ChosenLines): SlotWant[];
  received(lines: Lines): void;
}

/** Keeps media flowing while the seat is held: carries out what `recover` decides. The socket holds the seat itself. */
export class MediaLink {
  private peer: Peer;
  private recovery = NEW_PATH;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly owner: MediaOwner) {
    this.peer = this.newPeer();
  }

  get connection(): RTCPeerConnection {
    return this.peer.connection;
  }

  offer(): Promise<{ offer: string; slots: SlotWant[] }> {
    return this.peer.offer((lines) => this.owner.wants(lines));
  }

  accept(answer: string): void {
    const peer = this.peer;
    peer.accept(answer).then(
      () => {
        if (peer !== this.peer) return;
        // The slots are fixed, so from the first answer on only a restart of ICE asks for another offer.
        peer.connection.onnegotiationneeded = () => void this.negotiate();
        this.owner.received(peer.lines());
      },
      () => peer === this.peer && this.handle("answer_refused"),
    );
  }

  send(source: keyof Sources, track: MediaStreamTrack | null): void {
    void this.peer.send(source, track).catch(() => undefined);
  }

  /** The server has ended the media session: a new one, with new keys, on the same slots. */
  renew(): void {
    this.handle("session_ended");
  }

  close(): void {
    clearTimeout(this.timer);
    this.peer.connection.onconnectionstatechange = null;
    this.peer.connection.onnegotiationneeded = null;
    this.peer.close();
  }

  private handle(input: RecoveryInput): void {
    const { state, effects } = recover(this.recovery, input);
    this.recovery = state;
    for (const effect of effects) this.carryOut(effect);
  }

  private carryOut(effect: RecoveryEffect): void {
    switch (effect.do) {
      case "report":
        return this.owner.changed(effect.state);
      case "stop_timer":
        return clearTimeout(this.timer);
      case "restart_ice":
        // The credentials of relays end, and those of the beginning may have ended.
        this.peer.useRelays(this.owner.iceServers());
        return this.connection.restartIce();
      case "start_timer":
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.handle("timer"), effect.ms);
        return;
      case "begin_session":
        this.peer.connection.onconnectionstatechange = null;
        this.peer.connection.onnegotiationneeded = null;
        this.peer.close();
        this.peer = this.newPeer();
        return void this.negotiate();
    }
  }

  private newPeer(): Peer {
    const peer = new Peer(this.owner.sources(), { iceServers: this.owner.iceServers() });
    peer.connection.onconnectionstatechange = () => {
      const { connectionState: state } = peer.connection;
      if (state === "connected" || state === "disconnected" || state === "failed") this.handle(state);
    };
    return peer;
  }

  private async negotiate(): Promise<void> {
    const peer = this.peer;
    // The server knows what this device wants: the lines are the same.
    const { offer } = await peer.offer(() => []);
    if (peer === this.peer) this.owner.signal(offer);
  }
}
