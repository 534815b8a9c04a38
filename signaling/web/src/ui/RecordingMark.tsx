import { Clapperboard } from "lucide";
import { t } from "../i18n";
import { positionText } from "../model/recording";
import { library } from "../state/library";
import { Icon } from "./Icon";

/** That an item has a recorded address, and how long that is, for those who may see the library. */
export function RecordingMark({ media }: { media: string }) {
  const found = library.value?.find(({ id, damaged }) => id === media && damaged == null);
  return (
    <span class="mark recording-mark">
      <Icon of={Clapperboard} /> {t("kind.address")}
      {found && ` · ${positionText(found.duration_ms)}`}
    </span>
  );
}
