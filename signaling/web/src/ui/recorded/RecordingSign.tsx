import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { nameOf } from "../../model/names";
import type { Room } from "../../model/types";

const ABOUT_ID = "recording-about";

/** That the room is being recorded, always in view. Pressed, it says since when, who switched it on, and what is kept. */
export function RecordingSign({ room }: { room: Room }) {
  const { recording } = room;
  if (!recording) return null;
  return (
    <>
      <button
        type="button"
        class="recording-sign"
        popovertarget={ABOUT_ID}
        title={sinceWords(room) ?? undefined}
        data-testid="recording-sign"
      >
        <span class="recording-dot" aria-hidden="true" />
        <span>{t("recorded.sign")}</span>
      </button>
      <div id={ABOUT_ID} class="menu recording-about" popover="auto" role="dialog" aria-label={t("recorded.title")}>
        <h2>{t("recorded.title")}</h2>
        <p>{sinceWords(room)}</p>
        <p class="dim">{t("recorded.what")}</p>
      </div>
    </>
  );
}

/** Since when a room is recorded, and who has begun it; `null` while it is not. */
export function sinceWords(room: Room): string | null {
  const { recording } = room;
  if (!recording) return null;
  const time = timeIn(new Date(recording.since));
  return recording.by ? t("recorded.by", { time, name: nameOf(room, recording.by) }) : t("recorded.by_file", { time });
}
