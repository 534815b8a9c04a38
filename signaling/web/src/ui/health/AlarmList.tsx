import { DEFAULT_TAG, languageTag, t } from "../../i18n";
import { languageName, timeIn } from "../../i18n/format";
import type { Alarm, Seat } from "../../model/health";
import { namedIn } from "../../model/names";
import { roomName } from "./room-name";

/** What needs an operator now, each with a first thing to try. */
export function AlarmList({ alarms, seats }: { alarms: Alarm[]; seats: Seat[] }) {
  return (
    <div role="alert" class="alarms" data-testid="alarms">
      {alarms.map((alarm) => (
        <section key={`${alarm.room}/${alarm.language}`} class="alarm">
          <p>
            <strong>{words(alarm, seats)}</strong>
            {alarm.since && <time dateTime={alarm.since}> {timeIn(new Date(alarm.since))}</time>}
          </p>
          <p>{languageTag() === DEFAULT_TAG ? alarm.try : t(`health.try.${alarm.cause}`)}</p>
        </section>
      ))}
    </div>
  );
}

/** The server's own sentence is in English; another language has its own. */
function words(alarm: Alarm, seats: Seat[]): string {
  if (languageTag() === DEFAULT_TAG) return alarm.detail;
  const seat = seats.find((s) => s.person === alarm.interpreter);
  const name = seat ? namedIn(seat) : alarm.interpreter;
  return t(`health.alarm.${alarm.cause}`, {
    room: roomName(alarm.room, alarm.room_title),
    language: languageName(alarm.language),
    name,
  });
}
