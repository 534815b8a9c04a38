import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { holders } from "../../model/holders";
import { isPresent, nameOf } from "../../model/names";
import type { Room } from "../../model/types";
import { consoleCommands } from "../../state/commands";
import { consoleRefusal } from "../../state/refusals";
import { AbsentQuestion, askedAbout, Waiting } from "./AbsentQuestion";
import { AttendanceLine } from "./AttendanceLine";
import { ChairOnly, mayChair } from "./Console";
import { Holder } from "./Holder";
import { RecordingQuestion, useStillRecording, type StillAsked } from "./RecordingQuestion";
import { YieldConsent } from "./YieldConsent";

/** The head of the console, always in view: the holders of the floor, and one place of a fixed size for what is asked or refused. */
export function ConsoleHead({ room }: { room: Room }) {
  const { places, paused } = holders(room.floor);
  const still = useStillRecording(room);
  const notice = useFocusAfterAnswer(askedAbout(room) !== null || still !== null);
  return (
    <div class="console-head" data-testid="console-head">
      <ChairOnly room={room}>
        {places.map((request, i) => (
          <Holder key={i} room={room} request={request} paused={i === 0 ? paused : []} />
        ))}
      </ChairOnly>
      <div ref={notice} class="head-notice" tabIndex={-1} data-testid="head-notice">
        <Notice room={room} still={still} />
      </div>
    </div>
  );
}

/** Takes the focus once a question is answered, because the buttons of the question are gone then. */
function useFocusAfterAnswer(asked: boolean) {
  const box = useRef<HTMLDivElement>(null);
  const wasAsked = useRef(asked);
  useEffect(() => {
    if (wasAsked.current && !asked && document.activeElement === document.body) box.current?.focus();
    wasAsked.current = asked;
  }, [asked]);
  return box;
}

/** The most urgent of what the moderator has to know: a question comes before a refusal, because it waits for an answer. */
function Notice({ room, still }: { room: Room; still: StillAsked | null }) {
  const { floor } = room;
  if (!mayChair(room) || !floor.chair) return <NotInTheChair room={room} />;
  const asked = askedAbout(room);
  if (asked) return <AbsentQuestion room={room} {...asked} />;
  if (still) return <RecordingQuestion {...still} />;
  if (consoleRefusal.value)
    return (
      <p class="refusal" role="alert" data-testid="console-refusal">
        {consoleRefusal.value}
      </p>
    );
  const wish = floor.granted.find((g) => g.yields_to);
  if (wish?.yields_to) return <YieldConsent room={room} request={wish} to={wish.yields_to.person} />;
  const away = floor.speeches.find(
    (speech) => speech.absent_since && floor.granted.some((g) => g.id === speech.request),
  );
  if (away) return <Waiting room={room} speech={away} />;
  return <AttendanceLine room={room} />;
}

/** Who is in the chair, and the way into it while it is empty. */
function NotInTheChair({ room }: { room: Room }) {
  const { chair } = room.floor;
  const vacant = !chair || !isPresent(room, chair);
  const name = chair ? nameOf(room, chair) : "";
  return (
    <div class="note" role="note">
      <p>{chair ? t(vacant ? "console.chair_gone" : "console.other_chairs", { name }) : t("room.no_chair")}</p>
      {vacant && (
        <button type="button" class="strong" onClick={() => void consoleCommands.execute("chair.take")}>
          {t("console.take_chair")}
        </button>
      )}
    </div>
  );
}
