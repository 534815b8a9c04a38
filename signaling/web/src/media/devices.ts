import { signal } from "@preact/signals";

const STORAGE_KEY = "plenary.devices";

interface Choice {
  microphone?: string;
  camera?: string;
  speaker?: string;
  soundOnly?: boolean;
}

/** The devices that the participant chose, remembered on this machine. */
export const choice = signal<Choice>(stored());
export const microphone = signal<MediaStreamTrack | null>(null);
export const camera = signal<MediaStreamTrack | null>(null);
export const microphoneOn = signal(true);
export const cameraOn = signal(true);
export const devices = signal<MediaDeviceInfo[]>([]);

export function choose(change: Choice): void {
  choice.value = { ...choice.value, ...change };
  localStorage.setItem(STORAGE_KEY, JSON.stringify(choice.value));
}

/** Opens the chosen microphone, or any if the chosen one is gone. */
export async function openMicrophone(): Promise<void> {
  const deviceId = choice.value.microphone;
  microphone.value?.stop();
  microphone.value = null;
  const track = await open({ audio: { deviceId, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
  track.enabled = microphoneOn.value;
  microphone.value = track;
}

export async function openCamera(): Promise<void> {
  const deviceId = choice.value.camera;
  camera.value?.stop();
  camera.value = null;
  const track = await open({ video: { deviceId, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } } });
  track.enabled = cameraOn.value;
  camera.value = track;
}

/** Turns the camera off at the device, so that its light goes out. */
export function closeCamera(): void {
  camera.value?.stop();
  camera.value = null;
}

async function open(constraints: MediaStreamConstraints): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices) throw new Error("no devices outside a secure context");
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  devices.value = await navigator.mediaDevices.enumerateDevices();
  const track = stream.getTracks()[0];
  if (!track) throw new Error("the device gave no track");
  return track;
}

/** What was chosen before on this machine. Whatever else is stored there counts as no choice. */
function stored(): Choice {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}");
    const read = new Map(Object.entries(typeof value === "object" && value !== null ? value : {}));
    const id = (device: string) => (typeof read.get(device) === "string" ? String(read.get(device)) : undefined);
    return { microphone: id("microphone"), camera: id("camera"), speaker: id("speaker"), soundOnly: read.get("soundOnly") === true };
  } catch {
    return {};
  }
}
