import { t } from "../i18n";
import { camera } from "../media/devices";
import { cityOf, nameOf } from "../model/names";
import type { FloorRequest, Room, Speech } from "../model/types";
import { room, slots, tracks, you } from "../state/room";
import { conference } from "../state/session";
import { Clock } from "./Clock";
import { speechOf } from "./console/Holder";
import { Video } from "./Video";

/** The holder, large: picture, name, city, kind of speech, clock. */
export function Stage() {
  const r = room.value;
  if (!r) return null;
  const shown = [...slots.value];
  const onStage = shown.find(([, s]) => s.stage && s.source === "camera");
  // A picture that this connection cannot carry would stand still, so words are shown in its place.
  const starved = onStage?.[1].paused === true;
  const picture = starved ? undefined : onStage;
  const shared = shown.find(([, s]) => s.stage && s.source === "screen");
  const holder = r.floor.granted.find((g) => g.substate !== "suspended") ?? r.floor.granted[0];
  const name = holder && nameOf(r, holder.beneficiary);
  const mine = holder?.beneficiary === you.value?.person;
  const self = mine && !picture && camera.value;
  return (
    <section class={`stage${shared ? " with-screen" : ""}${mine ? " mine" : ""}`} aria-label={t("room.stage")}>
      {shared && <Video track={tracks.value.get(shared[0])} label={t("room.screen")} testid="screen-video" />}
      <Video track={picture ? tracks.value.get(picture[0]) : null} label={name ?? t("room.stage")} testid="stage-video" hidden={!picture} />
      {self && <Video track={camera.value} label={t("room.you")} mirrored testid="stage-self" />}
      {!holder && !picture && <div class="stage-empty"><h2>{t("room.stage_empty")}</h2><p>{t("room.stage_empty_hint")}</p></div>}
      {holder && !picture && !self && <div class="stage-empty held"><b class="initial" aria-hidden="true">{name?.slice(0, 1)}</b><p>{starved ? t("room.picture_paused") : stillWords(speechOf(r, holder))}</p></div>}
      {holder && <Caption room={r} holder={holder} mine={mine} />}
    </section>
  );
}

/** Why there is no picture. A suspended holder is not shown; any other holder without one sends audio only. */
function stillWords(speech: Speech | null): string {
  const cause = speech?.suspended_by?.[0];
  return cause ? t(`cause.${cause}`) : t("room.audio_only");
}

function Caption({ room: r, holder, mine }: { room: Room; holder: FloorRequest; mine: boolean }) {
  const speech = speechOf(r, holder);
  const others = r.floor.granted.filter((g) => g.id !== holder.id && g.substate !== "suspended");
  const facts = [cityOf(conference.value, holder.delegation), t(`kind.${holder.kind}`), ...others.map((g) => t("room.also", { name: nameOf(r, g.beneficiary) }))];
  return (
    <div class="caption">
      <div><strong>{nameOf(r, holder.beneficiary)}</strong><span>{facts.filter(Boolean).join(" · ")}</span></div>
      <Status speech={speech} mine={mine} />
      {speech && <Clock speech={speech} announces />}
    </div>
  );
}

/** Why the holder is not heard; on the holder's own device also that the speech is live. */
function Status({ speech, mine }: { speech: Speech | null; mine: boolean }) {
  const cause = speech?.suspended_by?.[0];
  if (cause) return <span class="suspended">{t(`cause.${cause}`)}</span>;
  return mine ? <span class="live">{t("self.live")}</span> : null;
}
