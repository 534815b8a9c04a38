import { computed, effect, signal } from "@preact/signals";
import { t } from "../i18n";
import {
  camera,
  cameraSource,
  choice,
  devices,
  microphone,
  microphoneSource,
  speaker,
  useDevice,
} from "../media/devices";
import { canChooseSpeaker } from "../media/speaker";
import {
  deviceName,
  hasGone,
  offerFor,
  offersAfter,
  type DeviceOffer,
  type DeviceUse,
  type ListedDevice,
} from "../model/device-list";
import { announce, show } from "./notices";
import { screen } from "./session";
import { deviceOfferWords } from "./device-words";

const offers = signal<readonly DeviceOffer[]>([]);
let before: readonly ListedDevice[] | null = null;

/** What was plugged in and is not in use yet, the latest first to be asked about. */
export const deviceOffer = computed((): DeviceOffer | null => {
  if (screen.value !== "room") return null;
  const used = { microphone: idOf(microphone.value), camera: idOf(camera.value), speaker: speaker.value };
  const [offer] = offers.value
    .map((each) => offerFor(each, useful(), used))
    .filter((each) => each !== null)
    .reverse();
  return offer ?? null;
});

/** Uses what is offered. */
export async function takeOffer({ group, ids, name }: DeviceOffer): Promise<void> {
  declineOffer(group);
  for (const [use, id] of Object.entries(ids) as [DeviceUse, string][]) {
    if (!(await useDevice(use, id))) show(t("devices.failed", { device: name }), "refused");
  }
}

export function declineOffer(group: string): void {
  offers.value = offers.value.filter((each) => each.group !== group);
}

/** Called once: offers what was plugged in, and says what becomes of a speaker that was unplugged. */
export function watchDevices(): void {
  effect(() => {
    const after = devices.value;
    // The first list is empty, because nothing was read yet.
    if (!before && after.length === 0) return;
    offers.value = offersAfter(offers.peek(), before, after, choice.peek());
    watchSpeaker(before, after);
    before = after;
  });
  let announced: string | undefined;
  effect(() => {
    const offer = deviceOffer.value;
    if (offer && offer.group !== announced) announce(deviceOfferWords(offer));
    announced = offer?.group;
  });
}

/** What a new device can be used for now. A source that is lost takes it by itself, and one that is off stays so. */
function useful(): DeviceUse[] {
  const uses: (DeviceUse | false)[] = [
    microphoneSource.state.value.phase === "on" && "microphone",
    cameraSource.state.value.phase === "on" && "camera",
    canChooseSpeaker && "speaker",
  ];
  return uses.filter((use) => use !== false);
}

function watchSpeaker(earlier: readonly ListedDevice[] | null, now: readonly ListedDevice[]): void {
  const id = speaker.peek();
  if (!id || !earlier || !hasGone("speaker", id, earlier, now)) return;
  speaker.value = undefined;
  const [left] = now.filter(({ kind }) => kind === "audiooutput");
  if (screen.peek() === "room")
    show(
      left ? t("source.speaker_replaced", { device: deviceName(left.label) }) : t("source.speaker_lost"),
      left ? "info" : "refused",
    );
}

function idOf(track: MediaStreamTrack | null): string | undefined {
  return track?.getSettings().deviceId;
}
