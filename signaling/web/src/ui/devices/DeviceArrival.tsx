import { X } from "lucide";
import { t } from "../../i18n";
import { declineOffer, deviceOffer, takeOffer } from "../../state/device-offers";
import { deviceOfferWords } from "../../state/device-words";
import { Icon } from "../Icon";

/** A device that was plugged in, to be used at one press. It is announced where it is found. */
export function DeviceArrival() {
  const offer = deviceOffer.value;
  if (!offer) return null;
  return (
    <div class="device-note" data-testid="device-offer">
      <p>{deviceOfferWords(offer)}</p>
      <button type="button" class="strong" onClick={() => void takeOffer(offer)}>
        {t("devices.use")}
      </button>
      <button type="button" class="quiet" aria-label={t("devices.dismiss")} onClick={() => declineOffer(offer.group)}>
        <Icon of={X} />
      </button>
    </div>
  );
}
