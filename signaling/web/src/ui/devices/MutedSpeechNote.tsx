import { X } from "lucide";
import { t } from "../../i18n";
import { muteMicrophone } from "../../media/devices";
import { dismissMutedSpeech, speaksMuted } from "../../state/muted-speech";
import { Icon } from "../Icon";

/** To a participant who would be heard, and speaks while the microphone is off. It is announced where it is found. */
export function MutedSpeechNote() {
  if (!speaksMuted.value) return null;
  return (
    <div class="device-note muted-speech" data-testid="muted-speech">
      <p>{t("muted.speaking")}</p>
      <button type="button" class="strong" onClick={() => muteMicrophone(false)}>
        {t("muted.turn_on")}
      </button>
      <button type="button" class="quiet" aria-label={t("devices.dismiss")} onClick={dismissMutedSpeech}>
        <Icon of={X} />
      </button>
    </div>
  );
}
