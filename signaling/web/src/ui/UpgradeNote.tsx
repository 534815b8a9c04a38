import { t } from "../i18n";
import { outdated, reload } from "../state/upgrade";

/** The server has a newer page, and loading it now might cost the participant something. */
export function UpgradeNote() {
  if (!outdated.value) return null;
  return (
    <p class="banner upgrade" role="status" data-testid="upgrade">
      {t("app.outdated")}{" "}
      <button type="button" onClick={reload}>
        {t("app.load_new")}
      </button>
    </p>
  );
}
