import { DEFAULT_TAG, languageTag, t } from "../../i18n";
import { languageName, timeIn } from "../../i18n/format";
import type { Alarm, Seat } from "../../model/health";
import { namedIn } from "../../model/names";
import { positionText } from "../../model/recording";
import { roomName } from "./room-name";

/** What needs an operator now, each with a first thing to try. */
export function AlarmList({ alarms, seats }: { alarms: Alarm[]; seats: Seat[] }) {
  return (
    <div role="alert" class="alarms" data-testid="alarms">
      {alarms.map((alarm) => (
        <section key={keyOf(alarm)} class="alarm" data-testid={`alarm-${alarm.kind}`}>
          <p>
            <strong>{words(alarm, seats)}</strong>
            {alarm.since && <time dateTime={alarm.since}> {timeIn(new Date(alarm.since))}</time>}
          </p>
          <p>{languageTag() === DEFAULT_TAG ? alarm.try : remedy(alarm)}</p>
        </section>
      ))}
    </div>
  );
}

function keyOf(alarm: Alarm): string {
  return `${alarm.room}/${alarm.kind}/${alarm.kind === "recording_stalled" ? alarm.media : alarm.language}`;
}

function remedy(alarm: Alarm): string {
  if (alarm.kind !== "recording_stalled") return t(`health.try.${alarm.cause}`);
  return t(alarm.failure ? "health.try.recording_failed" : "health.try.recording_stalled");
}

/** The server's own sentence is in English; another language has its own. */
function words(alarm: Alarm, seats: Seat[]): string {
  if (languageTag() === DEFAULT_TAG) return alarm.detail;
  if (alarm.kind === "recording_stalled") {
    const values = {
      room: roomName(alarm.room, alarm.room_title),
      name: alarm.name,
      at: positionText(alarm.position_ms),
    };
    return alarm.failure
      ? t("health.alarm.recording_failed", { ...values, reason: alarm.failure })
      : t("health.alarm.recording_stalled", values);
  }
  const seat = seats.find((s) => s.person === alarm.interpreter);
  const name = seat ? namedIn(seat) : alarm.interpreter;
  return t(`health.alarm.${alarm.cause}`, {
    room: roomName(alarm.room, alarm.room_title),
    language: languageName(alarm.language),
    name,
  });
}
