import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { may } from "../../state/permissions";
import { lazily } from "../lazily";

const Recordings = lazily(() => import("./Recordings"));

/** The media library, folded below the agenda. It is fetched once it is unfolded. */
export function RecordingsFold() {
  const open = useSignal(false);
  if (!may.value.has("media.manage")) return null;
  return (
    <details class="panel recordings" data-testid="recordings" onToggle={(e) => (open.value = e.currentTarget.open)}>
      <summary>{t("recording.title")}</summary>
      {open.value && <Recordings />}
    </details>
  );
}
