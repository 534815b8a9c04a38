import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { FRESH_MS, shownLine, type DatedLine, type Tone } from "../../model/band";
import type { Room, You } from "../../model/types";
import { notifications } from "../../state/attention";
import { lines } from "../../state/band";
import { sentence } from "../../state/band-words";
import { ownTrouble } from "../../state/self-watch";
import { link, room as roomNow, you as youNow } from "../../state/room";
import { stopwatch } from "../../state/server-clock";
import { conference } from "../../state/session";
import { BandHistory } from "./BandHistory";
import { NotifyButton } from "./NotifyButton";

/** Colour alone says nothing. */
const SIGN: Record<Tone, string> = { info: "●", good: "✓", warn: "▲", bad: "■" };

/**
 * One line of a fixed height with what has just happened. The live regions read it out, so it is none itself. A
 * participant on stage who is not heard reads that first. While the connection is lost it says nothing: what happened
 * before may no longer be true, and the connection's own words stand in its place.
 */
export function EventBand() {
  const room = roomNow.value;
  const you = youNow.value;
  return room && you && <Band room={room} you={you} />;
}

function Band({ room, you }: { room: Room; you: You }) {
  const now = useStopwatch();
  const lost = link.value === "reconnecting";
  const trouble = ownTrouble.value;
  const line = lost ? null : shownLine(lines.value, now);
  const fresh = line !== null && now - line.shownAt < FRESH_MS;
  const style =
    trouble && !lost ? "bad you fresh" : line ? `${line.tone} ${line.concerns} ${fresh ? "fresh" : "past"}` : "past";
  return (
    <section class={`band ${style}`} aria-label={t("band.title")} data-testid="band">
      {trouble && !lost ? (
        <p class="band-line" data-testid="band-line">
          <span aria-hidden="true">{SIGN.bad}</span> <span class="band-words">{t(`live.microphone.${trouble}`)}</span>
        </p>
      ) : (
        line && <Line line={line} room={room} />
      )}
      {notifications.value === "default" && waits(room, you) && <NotifyButton />}
      <BandHistory room={room} />
    </section>
  );
}

function Line({ line, room }: { line: DatedLine; room: Room }) {
  const words = sentence(line, room, conference.value);
  return (
    <p class="band-line" data-testid="band-line" title={words}>
      <span aria-hidden="true">{SIGN[line.tone]}</span>
      {line.at && <time dateTime={line.at}>{timeIn(new Date(line.at))}</time>}
      <span class="band-words">{words}</span>
    </p>
  );
}

/** Whether the participant is called sooner or later, or has the chair. Then it may be asked whether to notify them. */
function waits(room: Room, you: You): boolean {
  return room.floor.chair === you.person || room.floor.requests.some(({ beneficiary }) => beneficiary === you.person);
}

/** The page's stopwatch, read anew every second: a line gives way and fades by it. */
function useStopwatch(): number {
  const [now, setNow] = useState(stopwatch());
  useEffect(() => {
    const timer = setInterval(() => setNow(stopwatch()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(now, lines.value.at(-1)?.shownAt ?? 0);
}
