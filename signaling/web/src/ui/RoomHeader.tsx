import { t } from "../i18n";
import { nameOf } from "../model/names";
import type { Room } from "../model/types";
import { may } from "../state/permissions";
import { leave } from "../state/seat";
import { conference, reading } from "../state/session";
import { AgendaStrip } from "./AgendaStrip";
import { Connection } from "./Connection";
import { LanguageSwitch } from "./LanguageSwitch";

/** The room, its chair, the agenda item and the connection. */
export function RoomHeader({ room }: { room: Room }) {
  const chair = room.floor.chair;
  return (
    <header class="top">
      <SkipLink />
      <img src="/mark.svg" alt="" width="36" height="36" />
      <div class="title">
        <h1>{room.title}</h1>
        <p>{conference.value?.name} · {chair ? t("room.chair_of", { name: nameOf(room, chair) }) : t("room.no_chair")}</p>
      </div>
      <Connection />
      <span class="tools">
        <LanguageSwitch />
        {may.value.has("proceedings.read") && <button type="button" class="quiet" onClick={() => (reading.value = room.id)}>{t("record.open")}</button>}
        <button type="button" class="quiet" onClick={leave}>{t("room.leave")}</button>
      </span>
      <AgendaStrip agenda={room.agenda} />
    </header>
  );
}

/** Not a plain anchor, because invitations are read from the fragment of the address. */
function SkipLink() {
  const skip = (e: Event) => {
    e.preventDefault();
    document.getElementById("main-action")?.focus();
  };
  return <a class="skip" href="#main-action" onClick={skip}>{t("app.skip")}</a>;
}
