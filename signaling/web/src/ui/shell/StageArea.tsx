import { t } from "../../i18n";
import { shownLayout } from "../../state/layout";
import { TilePages } from "../layout/TilePages";
import { Stage } from "../stage/Stage";

/** The stage and the cities. */
export function StageArea() {
  return (
    <main class={`stage-area ${shownLayout.value}`} aria-label={t("room.stage")}>
      <Stage />
      {shownLayout.value !== "gallery" && <TilePages />}
    </main>
  );
}
