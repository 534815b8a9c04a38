import { t } from "../../i18n";
import { bytes, momentIn, number } from "../../i18n/format";
import { runsOut, type RecordedRoom } from "../../model/health";
import { serverNow } from "../../state/server-clock";
import { roomName } from "./room-name";

const HEADS = [
  "health.recorded_room",
  "health.recorded_left",
  "health.recorded_rate",
  "health.recorded_bytes",
  "health.recorded_takes",
  "health.recorded_since",
] as const;

/** The rooms that are recorded now: how much they write, and how long the disk lasts. */
export function RecordedRoomList({ rooms }: { rooms: RecordedRoom[] }) {
  if (rooms.length === 0) return null;
  const now = new Date(serverNow());
  return (
    <section class="card" data-testid="recorded-rooms">
      <h2>{t("health.recorded")}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("health.recorded")}>
        <table>
          <thead>
            <tr>
              {HEADS.map((head) => (
                <th key={head} scope="col">
                  {t(head)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rooms.map((each) => (
              <tr key={each.room} class={runsOut(each) ? "poor" : undefined}>
                <th scope="row">
                  <bdi>{roomName(each.room, each.room_title)}</bdi>
                </th>
                <td>
                  {each.free_hours == null
                    ? "–"
                    : t("health.recorded_hours", { n: number(Math.floor(each.free_hours * 10) / 10) })}
                  {runsOut(each) && <small class="cause">▲ {t("health.recorded_few")}</small>}
                </td>
                <td>{bytes(each.bytes_per_hour)}</td>
                <td>{bytes(each.bytes)}</td>
                <td>{number(each.takes)}</td>
                <td>
                  <time dateTime={each.since}>{momentIn(new Date(each.since), now)}</time>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
