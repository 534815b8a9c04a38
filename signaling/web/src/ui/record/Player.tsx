import { Download, SkipBack, SkipForward } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { languageName, number, timeIn } from "../../i18n/format";
import { factLine } from "../../i18n/isolate";
import { positionText } from "../../model/recording";
import { marksIn, neighbours, SPEEDS, type Mark, type OtherSound, type Stretch } from "../../model/player";
import { namedIn, nameIn, titleOf } from "../../model/names";
import { gapsIn } from "../../model/missing";
import { cityIn, instant, type Proceedings } from "../../model/proceedings";
import { announce } from "../../state/notices";
import { chosen, inPlayer, language, listFailed, play, playsOn, speed, stretches } from "../../state/player";
import { conference } from "../../state/session";
import { Icon } from "../Icon";
import { save } from "./save-file";
import { Sittings } from "./Sittings";
import { useOthers } from "./useOthers";
import { usePlayback } from "./usePlayback";
import "./player.css";

interface Props {
  record: Proceedings;
  zone: string | undefined;
}

/** The player of a room's recording, above the record whose times are pressed to play it. A room that was never recorded has none. */
export function Player({ record, zone }: Props) {
  const all = stretches.value;
  if (all?.length === 0 && !record.recording?.length) return null;
  return (
    <section class="card player" aria-label={t("player.title")} data-testid="player">
      <h2>{t("player.title")}</h2>
      {listFailed.value && (
        <p class="refusal" role="alert">
          {listFailed.value}
        </p>
      )}
      {!all && !listFailed.value && <p role="status">{t("player.loading")}</p>}
      {all?.length === 0 && <p class="empty">{t("player.none")}</p>}
      {all && all.length > 0 && (
        <>
          {!inPlayer.value && <p class="dim">{t("player.hint")}</p>}
          {inPlayer.value && <Screen record={record} zone={zone} stretch={inPlayer.value} all={all} />}
          <Sittings zone={zone} />
        </>
      )}
    </section>
  );
}

function Screen({ record, zone, stretch, all }: Props & { stretch: Stretch; all: readonly Stretch[] }) {
  const { video, failed, again, events } = usePlayback();
  // Somebody who listens to a channel hears of all of them what its interpreter says.
  const isFloor = language.value === null || !stretch.languages.includes(language.value);
  useOthers(video, isFloor ? stretch.others : NOBODY);
  const box = useRef<HTMLDivElement>(null);
  const { name, facts } = factsOf(record, stretch, zone);
  const press = chosen.value?.press;
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
    video.current?.focus({ preventScroll: true });
    announce(t("player.now", { name, time: timeIn(new Date(stretch.fromMs), zone) }));
  }, [press]);
  return (
    <div ref={box} class="player-box">
      <div class={stretch.hasPicture ? "player-screen" : "player-screen sound-only"}>
        {/* Subtitles are no part of a recording: what was interpreted is a channel of sound. */}
        <video
          ref={video}
          controls
          playsInline
          preload="auto"
          aria-label={t("player.video", { name })}
          data-testid="player-video"
          {...events}
        />
        {!stretch.hasPicture && <p class="player-plate">{t("player.sound_only")}</p>}
      </div>
      <div class="player-side">
        <p class="player-who">
          <strong>
            <bdi>{name}</bdi>
          </strong>
          <small>{facts}</small>
        </p>
        {failed.value && (
          <div class="refusal" role="alert" data-testid="player-failed">
            <p>{t(cannotPlay(stretch) ? "player.not_here" : "player.failed")}</p>
            <button type="button" onClick={again}>
              {t("player.again")}
            </button>
          </div>
        )}
        <Controls stretch={stretch} all={all} />
        <Faults record={record} zone={zone} stretch={stretch} />
        <Marks record={record} stretch={stretch} />
      </div>
    </div>
  );
}

const NOBODY: readonly OtherSound[] = [];

/** Whether the file is of a kind that this browser never plays, such as Matroska with H.264. */
function cannotPlay({ type, name }: Stretch): boolean {
  return name.endsWith(".mkv") && type !== null && document.createElement("video").canPlayType(type) === "";
}

/** Who is seen, and what of the meeting it is. */
function factsOf(record: Proceedings, stretch: Stretch, zone: string | undefined): { name: string; facts: string } {
  const times = `${timeIn(new Date(stretch.fromMs), zone)}–${timeIn(new Date(stretch.toMs), zone)}`;
  const speech = record.speeches.find(({ request }) => request === stretch.speech);
  if (!speech)
    return {
      name: nameIn(conference.value, stretch.participant),
      facts: factLine([stretch.speech === null && t("player.chair"), times]),
    };
  const item = record.items.find(({ id }) => id === speech.item);
  return {
    name: namedIn(speech),
    facts: factLine([cityIn(record, speech), t(`kind.${speech.kind}`), item && titleOf(item), times]),
  };
}

/** The way to the neighbours, the channel, the speed, and the file. Each keeps its place while it has nothing to do. */
function Controls({ stretch, all }: { stretch: Stretch; all: readonly Stretch[] }) {
  const { previous, next } = neighbours(all, stretch);
  const heard = language.value !== null && stretch.languages.includes(language.value) ? language.value : "";
  return (
    <div class="player-controls">
      <Step to={previous} icon={SkipBack} words={t("player.previous")} testid="player-previous" />
      <Step to={next} icon={SkipForward} words={t("player.next")} testid="player-next" />
      <label class="field">
        <span>{t("player.channel")}</span>
        <select
          value={heard}
          disabled={stretch.languages.length === 0}
          data-testid="player-channel"
          onChange={(e) => (language.value = e.currentTarget.value || null)}
        >
          <option value="">{t("player.floor")}</option>
          {stretch.languages.map((tag) => (
            <option key={tag} value={tag} lang={tag}>
              {languageName(tag)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{t("player.speed")}</span>
        <select
          value={String(speed.value)}
          data-testid="player-speed"
          onChange={(e) => (speed.value = Number(e.currentTarget.value))}
        >
          {SPEEDS.map((n) => (
            <option key={n} value={String(n)}>
              {t("player.speed_of", { n: number(n) })}
            </option>
          ))}
        </select>
      </label>
      <label class="check-line">
        <input
          type="checkbox"
          checked={playsOn.value}
          data-testid="player-on"
          onChange={(e) => (playsOn.value = e.currentTarget.checked)}
        />
        <span>{t("player.on")}</span>
      </label>
      {stretch.speech !== null && <Save stretch={stretch} language={heard || null} />}
    </div>
  );
}

interface StepProps {
  to: Stretch | null;
  icon: typeof SkipBack;
  words: string;
  testid: string;
}

function Step({ to, icon, words, testid }: StepProps) {
  return (
    <button
      type="button"
      class="player-step"
      aria-disabled={to === null}
      aria-label={words}
      title={words}
      data-testid={testid}
      onClick={() => to && play({ stretch: to, positionMs: 0 })}
    >
      <Icon of={icon} />
    </button>
  );
}

/** The speech as a file, with the sound that is heard now. */
function Save({ stretch, language: heard }: { stretch: Stretch; language: string | null }) {
  const press = () => save(() => inPlayer.peek() ?? stretch, heard);
  return (
    <button type="button" data-testid="player-save" onClick={() => void press()}>
      <Icon of={Download} /> <span>{t("player.save")}</span>
    </button>
  );
}

/** What is wrong with the files of a stretch, so that nobody takes the recording's fault for the speaker's. */
function Faults({ record, zone, stretch }: Props & { stretch: Stretch }) {
  const { lostPackets, recovered } = stretch;
  const speech = record.speeches.find(({ request }) => request === stretch.speech);
  const gaps = speech ? gapsIn(record, speech) : [];
  if (lostPackets === 0 && !recovered && gaps.length === 0) return null;
  return (
    <div class="note warn" role="note" data-testid="player-faults">
      {recovered && <p>{t("player.recovered")}</p>}
      {gaps.map(({ seq, from, to, reason }) => (
        <p key={seq}>
          {t("player.gap", {
            from: timeIn(instant(from), zone),
            to: timeIn(instant(to), zone),
            reason: t(`recorded.was.${reason}`),
          })}
        </p>
      ))}
      {lostPackets > 0 && <p>{t("player.lost", { n: number(lostPackets) })}</p>}
    </div>
  );
}

/** The points of order, rulings and decisions within the speech. */
function Marks({ record, stretch }: { record: Proceedings; stretch: Stretch }) {
  const marks = marksIn(record, stretch);
  if (marks.length === 0) return null;
  return (
    <>
      <h3>{t("player.moments")}</h3>
      <ul class="player-marks" data-testid="player-marks">
        {marks.map((mark) => (
          <li key={`${mark.what}/${mark.atMs}`}>
            <button type="button" class="quiet" onClick={() => play({ stretch, positionMs: mark.positionMs })}>
              <b>{positionText(mark.positionMs)}</b> <span dir="auto">{markWords(mark)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function markWords(mark: Mark): string {
  switch (mark.what) {
    case "point":
      return t("player.moment.point", { name: mark.name });
    case "ruled":
      return t("player.moment.ruled", { ruling: t(`ruling.${mark.ruling}`) });
    case "opened":
      return t("player.moment.opened", { question: mark.question });
    case "closed":
      return t("player.moment.closed", { result: t(`result.${mark.result}`) });
  }
}
