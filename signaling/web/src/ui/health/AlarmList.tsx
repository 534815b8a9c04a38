import { language, t } from "../../i18n";
import { languageName, timeIn } from "../../i18n/format";
import type { Alarm } from "../../model/alarms";
import type { Seat } from "../../model/health";

/** What needs somebody now, each with a first thing to try. */
export function AlarmList({ alarms, seats }: { alarms: Alarm[]; seats: Seat[] }) {
  return (
    <div role="alert" class="alarms" data-testid="alarms">
      {alarms.map((alarm) => (
        <section key={`${alarm.room}/${alarm.language}`} class="alarm">
          <p><strong>{words(alarm, seats)}</strong>{alarm.since && <time dateTime={alarm.since}> {timeIn(new Date(alarm.since))}</time>}</p>
          <p>{language.value === "en" ? alarm.first : t(`health.try.${alarm.cause}`)}</p>
        </section>
      ))}
    </div>
  );
}

/** The server's own sentence, or ours in another language. */
function words(alarm: Alarm, seats: Seat[]): string {
  if (language.value === "en") return alarm.detail;
  const name = seats.find((s) => s.person === alarm.interpreter)?.name ?? alarm.interpreter;
  return t(`health.alarm.${alarm.cause}`, { room: alarm.roomTitle, language: languageName(alarm.language), name });
}
