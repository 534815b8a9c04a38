import { TILE_SLOTS } from "../model/layout";
import type { ChosenLines } from "../model/wants";
import type { SlotWant } from "../wire/messages";
import { counters } from "../state/debug";

type SlotKind = "voice" | "stage" | "screen" | "tile" | "language";

/** The slots of this device, in the order of the offer: enough for every layout, so that none needs another offer. */
const SLOTS: SlotKind[] = [
  "voice",
  "voice",
  "voice",
  "stage",
  "screen",
  ...Array<SlotKind>(TILE_SLOTS).fill("tile"),
  "language",
];

const SIMULCAST: RTCRtpEncodingParameters[] = [
  { rid: "h", maxBitrate: 1_200_000 },
  { rid: "m", maxBitrate: 400_000, scaleResolutionDownBy: 2 },
  { rid: "l", maxBitrate: 120_000, scaleResolutionDownBy: 4 },
];

export interface Sources {
  microphone: MediaStreamTrack | null;
  camera: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
}

/** The tracks that are received, by the `mid` of their slot, and the slots that play sound. */
export interface Lines {
  tracks: Map<string, MediaStreamTrack>;
  /** The slots of the floor's voices, in order. They play whatever they carry. */
  voices: string[];
  /** Those for which this device chooses. */
  chosen: ChosenLines;
}

/**
 * The codecs that the server forwards, by preference; of H.264 and VP9 only the profile that every browser has. An offer
 * that lists every codec on every media line is five times as long.
 */
const CODECS: ((codec: RTCRtpCodec) => boolean)[] = [
  ({ mimeType }) => /^audio\/opus$/i.test(mimeType),
  ({ mimeType }) => /^video\/vp8$/i.test(mimeType),
  ({ mimeType, sdpFmtpLine }) => /^video\/vp9$/i.test(mimeType) && !/profile-id=[^0]/.test(sdpFmtpLine ?? ""),
  ({ mimeType, sdpFmtpLine }) =>
    /^video\/h264$/i.test(mimeType) &&
    /packetization-mode=1/.test(sdpFmtpLine ?? "") &&
    /=42e0/i.test(sdpFmtpLine ?? ""),
  ({ mimeType }) => /^video\/rtx$/i.test(mimeType),
];

/**
 * The one peer connection with the SFU. Every media line is offered at the start: turning a source on or off replaces a
 * track, and a new speaker changes what a slot carries, so no change of speaker needs a renegotiation.
 */
export class Peer {
  readonly connection: RTCPeerConnection;
  private readonly senders: Record<keyof Sources, RTCRtpSender>;
  private readonly slots: { kind: SlotKind; transceiver: RTCRtpTransceiver }[];

  constructor(sources: Sources, ice: Pick<RTCConfiguration, "iceServers" | "iceTransportPolicy">) {
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", ...ice });
    this.connection = pc;
    this.senders = {
      microphone: sendOn(pc, "audio", sources.microphone),
      camera: sendOn(pc, "video", sources.camera, SIMULCAST),
      screen: sendOn(pc, "video", sources.screen),
    };
    this.slots = SLOTS.map((kind) => ({
      kind,
      transceiver: pc.addTransceiver(kind === "voice" || kind === "language" ? "audio" : "video", {
        direction: "recvonly",
      }),
    }));
    for (const transceiver of pc.getTransceivers()) preferCodecs(transceiver);
  }

  /**
   * The offer and what its slots are wanted for. It names no candidates: the server is ICE-lite and learns them from checks,
   * those that come through a relay too.
   */
  async offer(wants: (lines: ChosenLines) => SlotWant[]): Promise<{ offer: string; slots: SlotWant[] }> {
    counters.offers += 1;
    await this.connection.setLocalDescription(await this.connection.createOffer());
    const { chosen } = this.lines();
    const fixed = this.slots.filter(({ kind }) => kind === "voice" || kind === "screen");
    const slots = fixed.map(({ kind, transceiver }) => ({ mid: transceiver.mid ?? "", wants: kind }));
    return { offer: this.connection.localDescription?.sdp ?? "", slots: [...slots, ...wants(chosen)] };
  }

  async accept(answer: string): Promise<void> {
    await this.connection.setRemoteDescription({ type: "answer", sdp: answer });
  }

  async send(source: keyof Sources, track: MediaStreamTrack | null): Promise<void> {
    await this.senders[source].replaceTrack(track);
  }

  lines(): Lines {
    const mids = (wanted: SlotKind) =>
      this.slots.filter(({ kind }) => kind === wanted).map(({ transceiver }) => transceiver.mid ?? "");
    const tracks = new Map(this.slots.map(({ transceiver }) => [transceiver.mid ?? "", transceiver.receiver.track]));
    return {
      tracks,
      voices: mids("voice"),
      chosen: { stage: mids("stage")[0] ?? "", language: mids("language")[0] ?? "", tiles: mids("tile") },
    };
  }

  /** The relays for the next time that candidates are gathered: a restart of ICE. */
  useRelays(iceServers: RTCIceServer[]): void {
    this.connection.setConfiguration({ ...this.connection.getConfiguration(), iceServers });
  }

  close(): void {
    this.connection.close();
  }
}

function preferCodecs(transceiver: RTCRtpTransceiver): void {
  const { kind } = transceiver.receiver.track;
  const known = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const codecs = CODECS.flatMap((matches) => known.filter(matches));
  if (codecs.length) transceiver.setCodecPreferences(codecs);
}

function sendOn(
  pc: RTCPeerConnection,
  kind: "audio" | "video",
  track: MediaStreamTrack | null,
  sendEncodings?: RTCRtpEncodingParameters[],
): RTCRtpSender {
  return pc.addTransceiver(track ?? kind, { direction: "sendonly", sendEncodings }).sender;
}
