/** A device as the browser lists it. Without a permission it has neither id nor label. */
export type ListedDevice = Pick<MediaDeviceInfo, "kind" | "deviceId" | "groupId" | "label">;

/** What a device is used for. */
export type DeviceUse = "microphone" | "camera" | "speaker";

export type DeviceIds = Partial<Record<DeviceUse, string>>;

/** Something that was plugged in and may be used: a headset is a microphone and a speaker. */
export interface DeviceOffer {
  /** What the browser says belongs together. */
  group: string;
  name: string;
  /** Its devices, by what each is for. */
  ids: DeviceIds;
  /** Whether the participant had chosen it before. */
  isBack: boolean;
}

const USES: Record<MediaDeviceKind, DeviceUse> = {
  audioinput: "microphone",
  videoinput: "camera",
  audiooutput: "speaker",
};

/** Names that the browser gives to a device besides its own: what they stand for changes without an arrival. */
const ALIASES: readonly string[] = ["default", "communications"];

/**
 * The offers after the list of devices has changed. Without a permission the browser names no device, so a list with an
 * unnamed one says nothing of what was there before.
 */
export function offersAfter(
  offers: readonly DeviceOffer[],
  before: readonly ListedDevice[] | null,
  after: readonly ListedDevice[],
  chosen: DeviceIds,
): DeviceOffer[] {
  const here = offers
    .map((offer) => ({ ...offer, ids: idsHere(offer.ids, after) }))
    .filter(({ ids }) => Object.keys(ids).length > 0);
  if (!before || before.some(({ deviceId }) => !deviceId)) return here;
  return after
    .filter((device) => isOwnName(device) && !isListed(before, device))
    .reduce((all, device) => withDevice(all, device, chosen), here);
}

/** The offer without what is already used for that, or has no use. `null` if nothing is left. */
export function offerFor(offer: DeviceOffer, useful: readonly DeviceUse[], used: DeviceIds): DeviceOffer | null {
  const left = useful.filter((use) => offer.ids[use] && offer.ids[use] !== used[use]);
  return left.length > 0 ? { ...offer, ids: Object.fromEntries(left.map((use) => [use, offer.ids[use]])) } : null;
}

/** Whether a device that was in use has gone, by the lists before and after. */
export function hasGone(
  use: DeviceUse,
  id: string,
  before: readonly ListedDevice[],
  after: readonly ListedDevice[],
): boolean {
  const lists = (list: readonly ListedDevice[]) =>
    list.some((device) => USES[device.kind] === use && device.deviceId === id);
  return lists(before) && !lists(after);
}

/** The label of a device without the numbers of its maker: `Jabra SPEAK 510 USB`, not `Jabra SPEAK 510 USB (0b0e:0422)`. */
export function deviceName(label: string): string {
  return label.replace(/\s*\([0-9a-f]{4}:[0-9a-f]{4}\)$/i, "");
}

function withDevice(offers: DeviceOffer[], device: ListedDevice, chosen: DeviceIds): DeviceOffer[] {
  const group = device.groupId || device.deviceId;
  const use = USES[device.kind];
  const isBack = chosen[use] === device.deviceId;
  const known = offers.find((offer) => offer.group === group);
  if (!known) return [...offers, { group, name: deviceName(device.label), ids: { [use]: device.deviceId }, isBack }];
  const more: DeviceOffer = { ...known, ids: { ...known.ids, [use]: device.deviceId }, isBack: known.isBack || isBack };
  return offers.map((offer) => (offer === known ? more : offer));
}

function idsHere(ids: DeviceIds, list: readonly ListedDevice[]): DeviceIds {
  return Object.fromEntries(
    Object.entries(ids).filter(([use, id]) =>
      list.some((device) => USES[device.kind] === use && device.deviceId === id),
    ),
  );
}

function isOwnName({ deviceId, label }: ListedDevice): boolean {
  return deviceId !== "" && label !== "" && !ALIASES.includes(deviceId);
}

function isListed(list: readonly ListedDevice[], { kind, deviceId }: ListedDevice): boolean {
  return list.some((device) => device.kind === kind && device.deviceId === deviceId);
}
