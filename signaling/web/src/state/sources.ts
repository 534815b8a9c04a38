import { t } from "../i18n";
import { cameraSource, devices, microphoneSource, readDevices, type DeviceSource } from "../media/devices";
import { deviceName } from "../model/device-list";
import { watchDevices } from "./device-offers";
import { show } from "./notices";
import { onWake } from "./wake";

/** Called once: tells the participant what becomes of microphone and camera, and looks again when the devices change. */
export function watchSources(): void {
  tellOf(microphoneSource, "microphone");
  tellOf(cameraSource, "camera");
  watchDevices();
  const look = () =>
    void readDevices().then(
      () => {
        microphoneSource.look();
        cameraSource.look();
      },
      () => undefined,
    );
  navigator.mediaDevices?.addEventListener("devicechange", look);
  // A permission that is given again changes no device.
  onWake(() => {
    microphoneSource.retry();
    cameraSource.retry();
  });
}

function tellOf(source: DeviceSource, kind: "microphone" | "camera"): void {
  source.tell = (news) => {
    const words = t(`source.${kind}_${news}`, { device: nameOf(source) });
    show(words, news === "lost" || news === "silent" ? "refused" : "info");
  };
}

function nameOf(source: DeviceSource): string {
  const track = source.track.value;
  const id = source.deviceId;
  return (
    deviceName(devices.value.find(({ deviceId }) => deviceId === id)?.label ?? track?.label ?? "") ||
    t("check.default_device", { n: 1 })
  );
}
