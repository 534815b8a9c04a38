import { t } from "../../i18n";
import { askForNotifications } from "../../state/attention";

/** Asks for the browser's permission to notify, of a participant who has a reason to want it. */
export function NotifyButton() {
  return (
    <button
      type="button"
      class="band-button"
      title={t("band.notify_hint")}
      data-testid="band-notify"
      onClick={() => void askForNotifications()}
    >
      {t("band.notify")}
    </button>
  );
}
