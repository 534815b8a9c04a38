import { t } from "../../i18n";
import { factLine } from "../../i18n/isolate";
import { clockFace, clockText } from "../../model/clock";
import { cityOf, namedIn, nameOf, themeOf } from "../../model/names";
import { onStage, pictureOf, type OnStage } from "../../model/on-stage";
import { isRecorded } from "../../model/recording";
import { absences, urgent } from "../../model/order";
import type { Room, Speech } from "../../model/types";
import { slots, tracks } from "../../state/room";
import { conference } from "../../state/session";
import { subtitleLanguage } from "../../state/subtitles";
import { speechOf } from "../console/Holder";
import { Position } from "../Position";
import { Subtitles } from "../stage/Subtitles";
import { Video } from "../Video";
import { useNow } from "../useNow";

const SHAPE = { green: "●", amber: "▲", red: "■" };

/** Who is heard: the picture, and below it the city, the name and the clock. */
export function HallStage({ room: r }: { room: Room }) {
  const on = onStage(r, slots.value.values());
  const mid = on && pictureOf(slots.value, on.person);
  const shared = [...slots.value].find(([, s]) => s.stage && s.source === "screen" && !s.paused);
  const who = on && whoOf(r, on);
  const speech = on?.as === "speaker" ? speechOf(r, on.request) : null;
  return (
    <section class={`hall-stage${shared ? " with-screen" : ""}`} aria-label={t("room.stage")}>
      <div class="hall-picture">
        {shared && <Video track={tracks.value.get(shared[0])} label={t("room.screen")} testid="hall-screen" />}
        <Video
          track={mid ? tracks.value.get(mid) : null}
          label={who?.title ?? t("room.stage")}
          testid="hall-video"
          hidden={!mid}
        />
        {!mid &&
          !shared &&
          (who ? (
            <Plate title={who.title} note={speech?.suspended_by?.length ? "" : t("room.audio_only")} />
          ) : (
            <Idle />
          ))}
      </div>
      {isRecorded(speech) && subtitleLanguage.value && (
        <div class="hall-subtitles">
          <Subtitles speech={speech} />
        </div>
      )}
      <div class="hall-caption">
        <div class="hall-who">
          <strong data-testid="hall-who">
            <bdi>{who?.title ?? t("room.stage_empty")}</bdi>
          </strong>
          <span>
            {who?.detail}
            {isRecorded(speech) && <Position speech={speech} />}
          </span>
          <State room={r} speech={speech} />
        </div>
        {speech && <HallClock speech={speech} warningMs={r.floor.settings.warning_ms} />}
      </div>
    </section>
  );
}

/** The city first, because a hall knows the cities; of staff the name. */
function whoOf(r: Room, on: NonNullable<OnStage>): { title: string; detail: string } {
  const name = nameOf(r, on.person);
  if (on.as === "chair") return { title: name, detail: t("room.chairing") };
  const city = cityOf(conference.value, on.request.delegation);
  return { title: city ?? name, detail: factLine([city ? name : null, t(`kind.${on.request.kind}`)]) };
}

/** In place of a picture. The name stands in the caption. */
function Plate({ title, note }: { title: string; note: string }) {
  return (
    <div class="hall-plate">
      <b aria-hidden="true">{[...title][0]}</b>
      <p>{note}</p>
    </div>
  );
}

/** Between two speeches: whose meeting this is. */
function Idle() {
  return (
    <div class="hall-plate">
      <img src="mark.svg" alt="" />
      <p class="hall-conference">
        <bdi>{conference.value && namedIn(conference.value)}</bdi>
      </p>
      <p>
        <bdi>{conference.value && themeOf(conference.value)}</bdi>
      </p>
    </div>
  );
}

/** Why the speech stands still, if it does. */
function State({ room: r, speech }: { room: Room; speech: Speech | null }) {
  const point = urgent(r.floor)[0];
  const cause = speech?.suspended_by?.[0];
  const words = point
    ? t("point.raised", { name: cityOf(conference.value, point.delegation) ?? nameOf(r, point.beneficiary) })
    : cause
      ? t(`cause.${cause}`)
      : absences(r.floor).length > 0
        ? t("cause.disconnected")
        : r.floor.list.state === "adjourned"
          ? t("list.adjourned")
          : null;
  return (
    words && (
      <span class="hall-state" data-testid="hall-state">
        {words}
      </span>
    )
  );
}

/** Digits a tenth of the screen high: legible from 20 m on a screen of two metres. */
function HallClock({ speech, warningMs }: { speech: Speech; warningMs: number }) {
  const face = clockFace(speech, useNow(250), warningMs);
  return (
    <div class={`hall-clock ${face.colour}`} role="timer" aria-label={t("clock.label")} data-testid="hall-clock">
      <b>
        <span aria-hidden="true">{SHAPE[face.colour]}</span>
        {clockText(face.remainingMs)}
      </b>
      <small>
        {!face.running ? t("clock.paused") : speech.recorded ? t("recording.playing") : t(`clock.${face.colour}`)}
      </small>
    </div>
  );
}
