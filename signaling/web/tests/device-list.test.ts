import { describe, expect, it } from "vitest";
import {
  deviceName,
  hasGone,
  offerFor,
  offersAfter,
  type DeviceOffer,
  type ListedDevice,
} from "../src/model/device-list";

const device = (kind: MediaDeviceKind, deviceId: string, groupId = "", label = deviceId): ListedDevice => ({
  kind,
  deviceId,
  groupId,
  label,
});
const inside = [device("audioinput", "built-in"), device("audiooutput", "loudspeaker")];
const jabra = [
  device("audioinput", "jabra-in", "jabra", "Jabra 510 (0b0e:0422)"),
  device("audiooutput", "jabra-out", "jabra", "Jabra 510 (0b0e:0422)"),
];
const offer: DeviceOffer = {
  group: "jabra",
  name: "Jabra 510",
  ids: { microphone: "jabra-in", speaker: "jabra-out" },
  isBack: false,
};

describe("a device that is plugged in", () => {
  it("is offered once for everything that it is", () => {
    expect(offersAfter([], inside, [...inside, ...jabra], {})).toEqual([offer]);
    expect(offersAfter([offer], [...inside, ...jabra], [...inside, ...jabra], {})).toEqual([offer]);
  });

  it("is one offer also where its parts come one after the other", () => {
    const first = offersAfter([], inside, [...inside, jabra[0]!], {});
    expect(first).toEqual([{ ...offer, ids: { microphone: "jabra-in" } }]);
    expect(offersAfter(first, [...inside, jabra[0]!], [...inside, ...jabra], {})).toEqual([offer]);
  });

  it("is said to be back if it was chosen before", () => {
    expect(offersAfter([], inside, [...inside, ...jabra], { speaker: "jabra-out" })[0]?.isBack).toBe(true);
  });

  it("is offered no longer once it is unplugged", () => {
    expect(offersAfter([offer], [...inside, ...jabra], inside, {})).toEqual([]);
    expect(offersAfter([offer], [...inside, ...jabra], [...inside, jabra[1]!], {})).toEqual([
      { ...offer, ids: { speaker: "jabra-out" } },
    ]);
  });

  it("is offered only for what it is not used for, and for what can be chosen", () => {
    expect(offerFor(offer, ["microphone", "speaker"], { microphone: "jabra-in" })?.ids).toEqual({
      speaker: "jabra-out",
    });
    expect(offerFor(offer, ["camera"], {})).toBe(null);
  });
});

describe("what is no arrival", () => {
  it("is the first list, and the list that has names only since a permission was given", () => {
    expect(offersAfter([], null, inside, {})).toEqual([]);
    expect(offersAfter([], [device("audioinput", "", "", "")], [...inside, ...jabra], {})).toEqual([]);
  });

  it("is a device without a name, and another name of the same device", () => {
    const after = [
      ...inside,
      device("audioinput", "default", "jabra", "Default - Jabra 510"),
      device("videoinput", "", "", ""),
      device("videoinput", "x", "", ""),
    ];
    expect(offersAfter([], inside, after, {})).toEqual([]);
  });
});

it("a speaker has gone when it was there and is no more", () => {
  expect(hasGone("speaker", "jabra-out", [...inside, ...jabra], inside)).toBe(true);
  expect(hasGone("speaker", "jabra-out", inside, inside)).toBe(false);
  expect(hasGone("speaker", "jabra-in", [...inside, ...jabra], inside)).toBe(false);
});

it("a device is named without the numbers of its maker", () => {
  expect(deviceName("Jabra SPEAK 510 USB (0b0e:0422)")).toBe("Jabra SPEAK 510 USB");
  expect(deviceName("Camera (rear)")).toBe("Camera (rear)");
});
