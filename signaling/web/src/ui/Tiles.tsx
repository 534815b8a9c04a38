import { t } from "../i18n";
import { camera } from "../media/devices";
import { cityOf } from "../model/names";
import { canBeShown } from "../model/permissions";
import type { Participant } from "../model/types";
import { room, slots, tracks, you } from "../state/room";
import { conference } from "../state/session";
import { Video } from "./Video";

/** The cities as tiles. A city without a picture keeps its place by name. */
export function Tiles() {
  const r = room.value;
  if (!r) return null;
  const seated = r.participants.filter(canBeShown);
  return (
    <section class="tiles" aria-label={t("room.cities")}>
      <ul>{seated.map((p) => <Tile key={p.person} participant={p} chair={r.floor.chair === p.person} />)}</ul>
    </section>
  );
}

function Tile({ participant: p, chair }: { participant: Participant; chair: boolean }) {
  const own = p.person === you.value?.person;
  const slot = [...slots.value].find(([, s]) => s.participant === p.person && s.source === "camera" && !s.stage && !s.paused);
  const track = own ? camera.value : slot && tracks.value.get(slot[0]);
  const name = cityOf(conference.value, p.delegation) ?? p.name;
  const label = [own && t("room.you"), chair && t("room.chairing"), p.state === "away" && t("room.away")].filter(Boolean).join(" · ");
  return (
    <li class={`tile ${p.state}`}>
      <Video track={track} label={p.name} testid={`tile-${p.person}`} mirrored={own} hidden={!track} />
      {!track && <b class="initial" aria-hidden="true">{name.slice(0, 1)}</b>}
      <span class="tile-name"><span>{name}</span>{label && <small>{label}</small>}</span>
    </li>
  );
}
