import { Pin } from "lucide";
import { t } from "../../i18n";
import { camera } from "../../media/devices";
import { cityOf, namedIn } from "../../model/names";
import { canBeShown } from "../../model/permissions";
import { isPlayed } from "../../model/recording";
import type { Participant } from "../../model/types";
import { layoutPlan, togglePin } from "../../state/layout";
import { room, slots, speaking, tracks, you } from "../../state/room";
import { conference } from "../../state/session";
import { awayWords } from "../away-words";
import { Icon } from "../Icon";
import { SpeakingSign } from "../live/SpeakingSign";
import { Video } from "../Video";

/** A participant among the others; pressing it shows that participant large. Without a picture the name keeps its place. */
export function Tile({ participant: p, chair }: { participant: Participant; chair: boolean }) {
  const own = p.person === you.value?.person;
  const track = own ? camera.value : pictureIn(p.person);
  const ownName = namedIn(p);
  const name = cityOf(conference.value, p.delegation) ?? ownName;
  const pinned = layoutPlan.value.pinned === p.person;
  // Of a recording the person need not be here.
  const played = room.value !== null && isPlayed(room.value.floor, p.person);
  const speaks = speaking.value.has(p.person);
  // Two of one city are told apart by their own names.
  const alone =
    room.value?.participants.filter((other) => canBeShown(other) && other.delegation === p.delegation).length === 1;
  const label = [
    !alone && ownName !== name && ownName,
    own && t("room.you"),
    chair && t("room.chairing"),
    played ? t("kind.address") : p.state === "away" && awayWords(p),
  ]
    .filter(Boolean)
    .join(" · ");
  const press = t(pinned ? "layout.unpin" : "layout.pin");
  return (
    <li>
      <button
        type="button"
        class={`tile ${played ? "seated" : p.state}${speaks ? " speaking" : ""}`}
        aria-pressed={pinned}
        title={`${ownName}. ${press}`}
        aria-label={[name, label, alone && ownName !== name && ownName, speaks && t("live.speaking"), press]
          .filter(Boolean)
          .join(". ")}
        onClick={() => togglePin(p.person)}
      >
        <Video track={track} label={ownName} testid={`tile-${p.person}`} mirrored={own} hidden={!track} />
        {!track && (
          <b class="initial" aria-hidden="true">
            {name.slice(0, 1)}
          </b>
        )}
        <span class="tile-name">
          <span>
            {pinned && <Icon of={Pin} />}
            {name}
            <SpeakingSign person={p.person} />
          </span>
          {label && <small>{label}</small>}
        </span>
      </button>
    </li>
  );
}

/** A picture of a participant: that of the own line, else that of the stage. */
function pictureIn(person: string): MediaStreamTrack | null | undefined {
  const shown = [...slots.value].filter(([, s]) => s.participant === person && s.source === "camera" && !s.paused);
  const [mid] = shown.find(([, s]) => !s.stage) ?? shown[0] ?? [];
  return mid === undefined ? null : tracks.value.get(mid);
}

/** A city of which nobody is in the room. */
export function AbsentCity({ delegation }: { delegation: string }) {
  const name = cityOf(conference.value, delegation) ?? delegation;
  return (
    <li>
      <div class="tile absent">
        <b class="initial" aria-hidden="true">
          {name.slice(0, 1)}
        </b>
        <span class="tile-name">
          <span>{name}</span>
          <small>{t("layout.nobody_here")}</small>
        </span>
      </div>
    </li>
  );
}
