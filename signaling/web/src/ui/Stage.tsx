import { t } from "../i18n";
import { nameOf } from "../model/names";
import { room, slots, tracks, you } from "../state/room";
import { camera } from "../media/devices";
import { conference } from "../state/session";
import { Clock } from "./Clock";
import { Video } from "./Video";

/** The holder, large: picture, name, city, kind of speech, clock. */
export function Stage() {
  const r = room.value;
  if (!r) return null;
  const shown = [...slots.value];
  const picture = shown.find(([, s]) => s.stage && s.source === "camera");
  const shared = shown.find(([, s]) => s.stage && s.source === "screen");
  const holder = r.floor.granted.find((g) => g.substate !== "suspended") ?? r.floor.granted[0];
  const name = holder && nameOf(r, holder.beneficiary);
  const city = conference.value?.delegations.find((d) => d.id === holder?.delegation)?.name;
  const mine = holder?.beneficiary === you.value?.person;
  return (
    <section class={`stage${shared ? " with-screen" : ""}${mine ? " mine" : ""}`} aria-label={t("room.stage")}>
      {shared && <Video track={tracks.value.get(shared[0])} label={t("room.screen")} testid="screen-video" />}
      <Video track={picture ? tracks.value.get(picture[0]) : null} label={name ?? t("room.stage")} testid="stage-video" hidden={!picture} />
      {mine && !picture && camera.value && <Video track={camera.value} label={t("room.you")} mirrored testid="stage-self" />}
      {!holder && !picture && <div class="stage-empty"><h2>{t("room.stage_empty")}</h2><p>{t("room.stage_empty_hint")}</p></div>}
      {holder && !picture && !(mine && camera.value) && <div class="stage-empty held"><p>{t("room.audio_only")}</p></div>}
      {holder && (
        <div class="caption">
          <div><strong>{name}</strong><span>{[city, t(`kind.${holder.kind}`)].filter(Boolean).join(" · ")}</span></div>
          {mine && <span class="live">{t("self.live")}</span>}
          <Clock />
        </div>
      )}
    </section>
  );
}
