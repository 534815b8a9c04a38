import { t } from "../../i18n";
import { camera } from "../../media/devices";
import { cityOf, nameOf } from "../../model/names";
import { onStage, pictureOf, type OnStage } from "../../model/on-stage";
import type { Room, Speech } from "../../model/types";
import { layoutPlan, shownLayout } from "../../state/layout";
import { room, slots, tracks, you } from "../../state/room";
import { conference } from "../../state/session";
import { speechOf } from "../console/Holder";
import { PinnedPicture } from "../layout/PinnedPicture";
import { TilePages } from "../layout/TilePages";
import { Video } from "../Video";
import { Caption } from "./Caption";
import { SubtitlesPlace } from "./Subtitles";

/** The participant who is heard: the picture, which nothing covers, and below it the caption. */
export function Stage() {
  const r = room.value;
  if (!r) return null;
  const on = onStage(r, slots.value.values());
  const mid = on && pictureOf(slots.value, on.person);
  const shared = [...slots.value].find(([, s]) => s.stage && s.source === "screen");
  const mine = on?.person === you.value?.person;
  // Of a recording the person's own camera shows nothing that the others see.
  const played = on?.as === "speaker" && on.request.kind === "address";
  const self = mine && !played && !mid ? camera.value : null;
  const live = mine && !played && on?.as === "speaker";
  const gallery = shownLayout.value === "gallery";
  const { pinned: chosen } = layoutPlan.value;
  // Who speaks and is pinned is there already, large.
  const pinned = chosen === on?.person ? null : chosen;
  const classes = ["stage", shared && "with-screen", live && "mine", pinned && "with-pin", gallery && "in-gallery"];
  return (
    <section class={classes.filter(Boolean).join(" ")} aria-label={t("room.stage")} data-testid="stage">
      <div class="picture">
        {pinned && <PinnedPicture room={r} person={pinned} />}
        {shared && <Video track={tracks.value.get(shared[0])} label={t("room.screen")} testid="screen-video" />}
        {gallery ? <TilePages /> : <Speaker room={r} on={on} mid={mid} self={self} />}
      </div>
      <SubtitlesPlace room={r} />
      <Caption room={r} on={on} mine={mine} />
    </section>
  );
}

/** The picture of who is heard, or the name, or why nobody is. */
function Speaker({
  room: r,
  on,
  mid,
  self,
}: {
  room: Room;
  on: OnStage;
  mid: string | null;
  self: MediaStreamTrack | null;
}) {
  return (
    <>
      <Video
        track={mid ? tracks.value.get(mid) : null}
        label={on ? nameOf(r, on.person) : t("room.stage")}
        testid={on?.as === "chair" ? "stage-chair" : "stage-video"}
        hidden={!mid}
      />
      {self && <Video track={self} label={t("room.you")} mirrored testid="stage-self" />}
      {!on && (
        <div class="stage-empty">
          <h2>{t("room.stage_empty")}</h2>
          <p>{t("room.stage_empty_hint")}</p>
        </div>
      )}
      {on && !mid && !self && <NamePlate room={r} on={on} />}
    </>
  );
}

/** Who is heard without a picture, and why there is none. */
function NamePlate({ room: r, on }: { room: Room; on: NonNullable<OnStage> }) {
  const name = nameOf(r, on.person);
  const delegation = r.participants.find((p) => p.person === on.person)?.delegation;
  const paused = [...slots.value.values()].some(
    (s) => s.participant === on.person && s.source === "camera" && s.paused,
  );
  const why = paused ? t("room.picture_paused") : stillWords(on.as === "speaker" ? speechOf(r, on.request) : null);
  return (
    <div class="stage-empty name-plate" data-testid="name-plate">
      <b class="initial" aria-hidden="true">
        {name.slice(0, 1)}
      </b>
      <p class="name-plate-name">
        <bdi>{name}</bdi>
      </p>
      <p>{cityOf(conference.value, delegation)}</p>
      <p>{why}</p>
    </div>
  );
}

/** Why there is no picture. A suspended holder is not shown; any other without one sends audio only. */
function stillWords(speech: Speech | null): string {
  const cause = speech?.suspended_by?.[0];
  return cause ? t(`cause.${cause}`) : t("room.audio_only");
}
