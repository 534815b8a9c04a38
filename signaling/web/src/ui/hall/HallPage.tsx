import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { programme } from "../../model/agenda";
import { shownDecision } from "../../model/hall";
import { namedIn, titleOf } from "../../model/names";
import type { Room } from "../../model/types";
import { room } from "../../state/room";
import { conference } from "../../state/session";
import { useWakeLock } from "../shell/useWakeLock";
import { useNow } from "../useNow";
import { HallOrder } from "./HallOrder";
import { HallSound } from "./HallSound";
import { HallStage } from "./HallStage";
import { HallVote } from "./HallVote";
import { lostSince, runHall } from "./hall-state";
import "./hall.css";

/** The screen of a hall or a stream: the room without a control, legible from the last row. */
export default function HallPage() {
  useWakeLock();
  useEffect(runHall, []);
  const r = room.value;
  if (!r)
    return (
      <main class="hall hall-opening">
        <h1>{conference.value && namedIn(conference.value)}</h1>
        <Lost />
      </main>
    );
  return <Hall room={r} />;
}

function Hall({ room: r }: { room: Room }) {
  const now = useNow(1_000);
  const decision = shownDecision(r.decisions, now);
  return (
    <main class="hall" data-testid="hall">
      <HallHead room={r} now={now} />
      <HallStage room={r} />
      <aside class="hall-side">{decision ? <HallVote decision={decision} /> : <HallOrder room={r} />}</aside>
      <HallSound />
    </main>
  );
}

/** The conference, the room, the item and the time of day. */
function HallHead({ room: r, now }: { room: Room; now: number }) {
  const { on, next } = programme(r.agenda, now);
  const item = on ?? next;
  return (
    <header class="hall-head">
      <div class="hall-title">
        <h1>{titleOf(r)}</h1>
        {item && (
          <p data-testid="hall-item">
            <b>{t(on ? "agenda.on" : "agenda.next")}</b> {titleOf(item)}
          </p>
        )}
      </div>
      <Lost />
      <Recorded room={r} />
      <time class="hall-time">{timeIn(new Date(now), conference.value?.time_zone)}</time>
    </header>
  );
}

/** Those in the hall see it too. */
function Recorded({ room: { recording } }: { room: Room }) {
  if (!recording) return null;
  return (
    <p class="hall-recording" data-testid="hall-recording">
      <span class="recording-dot" aria-hidden="true" />
      {t("recorded.since", { time: timeIn(new Date(recording.since), conference.value?.time_zone) })}
    </p>
  );
}

/** How long a connection may be lost before the hall is told: most come back before anybody wonders. */
const UNSAID_MS = 3_000;

/** Nothing on the screen is shown as if it were live when it is not. */
function Lost() {
  const now = useNow(1_000);
  const since = lostSince.value;
  if (since === null || now - since < UNSAID_MS) return null;
  return (
    <p class="hall-lost" role="status" data-testid="hall-lost">
      {t("hall.lost", { time: timeIn(new Date(since), conference.value?.time_zone) })}
    </p>
  );
}
