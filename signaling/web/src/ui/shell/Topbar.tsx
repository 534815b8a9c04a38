import { ScrollText } from "lucide";
import { t } from "../../i18n";
import { namedIn, nameOf, titleOf } from "../../model/names";
import type { Room } from "../../model/types";
import { may } from "../../state/permissions";
import { conference, reading } from "../../state/session";
import { AgendaStrip } from "../AgendaStrip";
import { Connection } from "../Connection";
import { Icon } from "../Icon";
import { RecordingSign } from "../recorded/RecordingSign";

/** One line: the room, its chair, the item in progress, the connection, and the proceedings. */
export function Topbar({ room }: { room: Room }) {
  const chair = room.floor.chair;
  const facts = [
    conference.value && namedIn(conference.value),
    chair ? t("room.chair_of", { name: nameOf(room, chair) }) : t("room.no_chair"),
  ];
  return (
    <header class="topbar">
      <SkipLink />
      <img src="mark.svg" alt="" width="28" height="28" />
      <div class="topbar-title">
        <h1 title={titleOf(room)}>{titleOf(room)}</h1>
        <p title={facts.join(" · ")}>
          <bdi>{facts[0]}</bdi> · {facts[1]}
        </p>
      </div>
      <AgendaStrip agenda={room.agenda} />
      <RecordingSign room={room} />
      <Connection />
      {may.value.has("proceedings.read") && (
        <button
          type="button"
          class="topbar-button"
          aria-expanded={reading.value !== null}
          data-testid="open-record"
          onClick={() => (reading.value = reading.value === null ? room.id : null)}
        >
          <Icon of={ScrollText} />
          <span>{t("record.open")}</span>
        </button>
      )}
    </header>
  );
}

/** Not a plain anchor, because invitations are read from the fragment of the address. */
function SkipLink() {
  const skip = (e: Event) => {
    e.preventDefault();
    document.getElementById("main-action")?.focus();
  };
  return (
    <a class="skip" href="#main-action" onClick={skip}>
      {t("app.skip")}
    </a>
  );
}
