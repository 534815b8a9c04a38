import { computed, signal } from "@preact/signals";
import type { DeviceUse } from "../model/device-list";
import { OFF, sourceStep, type SourceInput, type SourceNews } from "../model/source";
import { keep, kept } from "../session/storage";
import { stopTrack } from "./meter";
import { canPlayOn } from "./speaker";

const CHOICE_KEY = "plenary.devices";
const MUTED_KEY = "plenary.muted";

interface Choice {
  microphone?: string;
  camera?: string;
  speaker?: string;
  soundOnly?: boolean;
  noiseSuppression?: boolean;
  echoCancellation?: boolean;
  /** Only where the browser does it by itself. */
  backgroundBlur?: boolean;
}

/** The devices that the participant chose, remembered on this machine. */
export const choice = signal<Choice>(stored());
export const devices = signal<MediaDeviceInfo[]>([]);
/** Whether the microphone is to be heard. A participant who turned it off stays unheard after a reload. */
export const microphoneOn = signal(kept("tab", MUTED_KEY) === null);
/** Whether the participant who turned the microphone off holds a key to talk. */
export const talking = signal(false);
/** Whether the microphone is to be heard now. */
export const microphoneOpen = computed(() => microphoneOn.value || talking.value);
/** The speaker in use; none is the default one, also while the chosen one is gone. */
export const speaker = signal(choice.value.speaker);

export function choose(change: Choice): void {
  choice.value = { ...choice.value, ...change };
  keep("machine", CHOICE_KEY, JSON.stringify(choice.value));
}

/** A source of this device: its track, and how it does. */
export class DeviceSource {
  readonly track = signal<MediaStreamTrack | null>(null);
  readonly state = signal(OFF);
  /** Called with what the participant has to know at once. */
  tell: (news: SourceNews) => void = () => undefined;
  private opening = 0;

  constructor(
    private readonly kind: MediaDeviceKind,
    private readonly constraints: (exactly?: string) => MediaStreamConstraints,
    private readonly enabled: () => boolean,
  ) {}

  /** The device in use, which is not the chosen one while that is gone. */
  get deviceId(): string | undefined {
    return this.track.value?.getSettings().deviceId;
  }

  /** Opens the chosen device, or any if the chosen one is gone. False if none can be opened. */
  async open(): Promise<boolean> {
    await this.dispatch("wanted");
    return this.track.value !== null;
  }

  /**
   * Takes another device in place of the one in use, or the same one anew, as it is chosen now. What is sent is replaced,
   * and nothing is negotiated. False if it cannot be had: then the one before stays, and `undo` takes the choice back.
   */
  async change(to: string | undefined, undo: () => void): Promise<boolean> {
    const { phase } = this.state.value;
    if (phase === "off") return true;
    if (phase !== "on") return this.open();
    const opening = ++this.opening;
    const isSuperseded = () => opening !== this.opening;
    const exactly = to ?? this.deviceId;
    const open = () => acquireTrack(this.constraints(exactly));
    // A device that is open already keeps the settings with which it was opened.
    if (exactly === this.deviceId) stopTrack(this.track.value);
    const track = await open().catch((error: unknown) => {
      if (isSuperseded() || !isBusy(error)) return null;
      // Not every system opens two devices of a kind at once.
      stopTrack(this.track.value);
      return open().catch(() => null);
    });
    if (isSuperseded()) {
      track?.stop();
      return true;
    }
    if (track) {
      const before = this.track.value;
      this.take(track);
      stopTrack(before);
      await this.dispatch("switched");
      if (track.muted) this.of(track, "muted");
      return true;
    }
    undo();
    if (this.track.value?.readyState === "ended") await this.open();
    return false;
  }

  /** Lets go of the device, so that its light goes out. */
  close(): void {
    void this.dispatch("unwanted");
  }

  /** A lost source may be there again. */
  retry(): void {
    void this.dispatch("woke");
  }

  /** The devices have changed: not every browser says so of the track whose device is gone. */
  look(): void {
    const { deviceId } = this;
    const here = devices.value.filter(({ kind }) => kind === this.kind);
    // Without permission the browser names no device, so a missing name proves nothing.
    const isGone =
      deviceId && here.some((device) => device.deviceId) && !here.some((device) => device.deviceId === deviceId);
    void this.dispatch(isGone ? "ended" : "devices_changed");
  }

  private async dispatch(input: SourceInput): Promise<void> {
    const { state, effects } = sourceStep(this.state.value, input);
    this.state.value = state;
    for (const effect of effects) {
      switch (effect.do) {
        case "open":
          await this.acquire();
          break;
        case "close":
          this.release();
          break;
        case "tell":
          this.tell(effect.news);
          break;
      }
    }
  }

  private async acquire(): Promise<void> {
    const opening = ++this.opening;
    const track = await acquireTrack(this.constraints()).catch(() => null);
    // Meanwhile the source may have been closed, or opened anew.
    if (opening !== this.opening) return track?.stop();
    if (!track) {
      this.track.value = null;
      return this.dispatch("failed");
    }
    this.take(track);
    await this.dispatch("opened");
    if (track.muted) this.of(track, "muted");
  }

  private take(track: MediaStreamTrack): void {
    track.enabled = this.enabled();
    track.onended = () => this.of(track, "ended");
    track.onmute = () => this.of(track, "muted");
    track.onunmute = () => this.of(track, "unmuted");
    this.track.value = track;
  }

  private of(track: MediaStreamTrack, input: SourceInput): void {
    if (track === this.track.value) void this.dispatch(input);
  }

  private release(): void {
    this.opening += 1;
    stopTrack(this.track.value);
    this.track.value = null;
  }
}

export const microphoneSource = new DeviceSource(
  "audioinput",
  (exactly) => ({
    audio: {
      deviceId: exactly ? { exact: exactly } : choice.value.microphone,
      echoCancellation: processes("echoCancellation"),
      noiseSuppression: processes("noiseSuppression"),
      autoGainControl: true,
    },
  }),
  () => microphoneOpen.value,
);
export const cameraSource = new DeviceSource(
  "videoinput",
  (exactly) => ({ video: { ...pictureConstraints(), deviceId: exactly ? { exact: exactly } : choice.value.camera } }),
  () => true,
);
export const microphone = microphoneSource.track;
export const camera = cameraSource.track;

/** Turns the microphone off without letting go of it, or on again. */
export function muteMicrophone(muted: boolean): void {
  microphoneOn.value = !muted;
  keep("tab", MUTED_KEY, muted ? "muted" : null);
  if (microphone.value) microphone.value.enabled = microphoneOpen.value;
}

const SOURCES = { microphone: microphoneSource, camera: cameraSource };

/** Uses a device from now on. False if that cannot be: then the one before stays, and stays chosen. */
export async function useDevice(use: DeviceUse, id: string): Promise<boolean> {
  const before = choice.value[use];
  choose({ [use]: id });
  const undo = () => choose({ [use]: before });
  if (use !== "speaker") return SOURCES[use].change(id, undo);
  const isThere = await canPlayOn(id);
  if (isThere) speaker.value = id;
  else undo();
  return isThere;
}

/** What the browser can do to the sound of a microphone. */
export type Processing = "noiseSuppression" | "echoCancellation";

export function processes(what: Processing): boolean {
  return choice.value[what] !== false;
}

/** What is asked of every camera. */
export function pictureConstraints(): MediaTrackConstraints {
  const blur = choice.value.backgroundBlur;
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30 },
    ...(blur === undefined ? {} : { backgroundBlur: blur }),
  };
}

/** Reads which devices there are. */
export async function readDevices(): Promise<void> {
  devices.value = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
}

/** Whether a device could not be opened because it, or another of its kind, is in use. */
function isBusy(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "NotReadableError" || error.name === "AbortError");
}

async function acquireTrack(constraints: MediaStreamConstraints): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices) throw new Error("no devices outside a secure context");
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  await readDevices();
  const track = stream.getTracks()[0];
  if (!track) throw new Error("the device gave no track");
  return track;
}

/** The devices that were chosen before on this machine. Anything else that is stored there counts as no choice. */
function stored(): Choice {
  try {
    const value: unknown = JSON.parse(kept("machine", CHOICE_KEY) ?? "{}");
    const read = new Map(Object.entries(typeof value === "object" && value !== null ? value : {}));
    const id = (device: string) => (typeof read.get(device) === "string" ? String(read.get(device)) : undefined);
    const is = (name: string) => (typeof read.get(name) === "boolean" ? read.get(name) === true : undefined);
    return {
      microphone: id("microphone"),
      camera: id("camera"),
      speaker: id("speaker"),
      soundOnly: is("soundOnly") === true,
      noiseSuppression: is("noiseSuppression"),
      echoCancellation: is("echoCancellation"),
      backgroundBlur: is("backgroundBlur"),
    };
  } catch {
    return {};
  }
}
