import { t } from "../i18n";
import { names } from "../i18n/format";
import type { DeviceOffer, DeviceUse } from "../model/device-list";

/** `Jabra 510 was connected. Use it as microphone and speaker?` */
export function deviceOfferWords({ ids, isBack, name }: DeviceOffer): string {
  const uses = (Object.keys(ids) as DeviceUse[]).map((use) => t(`devices.as_${use}`));
  return t(isBack ? "devices.back" : "devices.arrived", { device: name, uses: names(uses) });
}
