import { FLOOR, type Sound } from "../model/channels";
import type { SlotWant } from "../wire/messages";
import { counters } from "../state/debug";

/** The lines we receive on, in the order they are offered; each is one slot that the server fills. */
const SLOTS: (SlotWant["wants"] | "language")[] = ["voice", "voice", "voice", "stage", "screen", ...Array<"tile">(8).fill("tile"), "language"];

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

/**
 * What the server forwards, by preference; of H.264 and VP9 only the profile that every browser has. An offer that lists
 * every codec on every line is five times as long.
 */
const CODECS: ((codec: RTCRtpCodec) => boolean)[] = [
  ({ mimeType }) => /^audio\/opus$/i.test(mimeType),
  ({ mimeType }) => /^video\/vp8$/i.test(mimeType),
  ({ mimeType, sdpFmtpLine }) => /^video\/vp9$/i.test(mimeType) && !/profile-id=[^0]/.test(sdpFmtpLine ?? ""),
  ({ mimeType, sdpFmtpLine }) =>
    /^video\/h264$/i.test(mimeType) && /packetization-mode=1/.test(sdpFmtpLine ?? "") && /=42e0/i.test(sdpFmtpLine ?? ""),
  ({ mimeType }) => /^video\/rtx$/i.test(mimeType),
];

/**
 * The one peer connection with the media server. All lines are offered at the start: turning a source on or off
 * replaces a track, and a new speaker changes what a slot carries, so that nothing is ever negotiated again.
 */
export class Peer {
  readonly connection: RTCPeerConnection;
  private readonly senders: Record<keyof Sources, RTCRtpSender>;
  private readonly slots: { wants: (typeof SLOTS)[number]; transceiver: RTCRtpTransceiver }[];

  constructor(sources: Sources) {
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.connection = pc;
    this.senders = {
      microphone: sendOn(pc, "audio", sources.microphone),
      camera: sendOn(pc, "video", sources.camera, SIMULCAST),
      screen: sendOn(pc, "video", sources.screen),
    };
    this.slots = SLOTS.map((wants) => ({
      wants,
      transceiver: pc.addTransceiver(wants === "voice" || wants === "language" ? "audio" : "video", { direction: "recvonly" }),
    }));
    for (const transceiver of pc.getTransceivers()) prefer(transceiver);
  }

  /** The offer and what its slots are wanted for. Candidates are not gathered: the server sees where checks come from. */
  async offer(sound: Sound): Promise<{ offer: string; slots: SlotWant[] }> {
    counters.offers += 1;
    await this.connection.setLocalDescription(await this.connection.createOffer());
    const slots = this.slots.map(({ wants, transceiver }) => ({ mid: transceiver.mid ?? "", wants: wants === "language" ? wanted(sound) : wants }));
    return { offer: this.connection.localDescription?.sdp ?? "", slots };
  }

  async accept(answer: string): Promise<void> {
    await this.connection.setRemoteDescription({ type: "answer", sdp: answer });
  }

  async send(source: keyof Sources, track: MediaStreamTrack | null): Promise<void> {
    await this.senders[source].replaceTrack(track);
  }

  /** What each slot receives, by the id of its line. */
  tracks(): Map<string, MediaStreamTrack> {
    return new Map(this.slots.map(({ transceiver }) => [transceiver.mid ?? "", transceiver.receiver.track]));
  }

  /** The ids of the lines of the floor's voices, in order: they play whatever they carry. */
  voices(): string[] {
    return this.slots.filter((s) => s.wants === "voice").map((s) => s.transceiver.mid ?? "");
  }

  /** The id of the line that carries the chosen language. */
  language(): string {
    return this.slots.find((s) => s.wants === "language")?.transceiver.mid ?? "";
  }

  close(): void {
    this.connection.close();
  }
}

/** What the line for a language is wanted for; the floor has lines of its own. */
export function wanted(sound: Sound): SlotWant["wants"] {
  return sound === FLOOR ? "nothing" : `lang:${sound}`;
}

function prefer(transceiver: RTCRtpTransceiver): void {
  const { kind } = transceiver.receiver.track;
  const known = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const codecs = CODECS.flatMap((wanted) => known.filter(wanted));
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
