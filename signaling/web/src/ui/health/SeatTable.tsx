import { t } from "../../i18n";
import { bitrate, milliseconds, percent } from "../../i18n/format";
import { verdict, type Seat } from "../../model/health";
import { seatKey, type History, type Reading } from "../../model/history";
import { causeWords } from "./cause";
import { roomName } from "./room-name";
import { Spark } from "./Spark";
import { namedIn } from "../../model/names";

const HEADS = ["seat", "state", "rtt", "loss", "jitter", "up", "down", "path"] as const;
const SHAPE = { good: "●", fair: "▲", poor: "■", lost: "✕", unknown: "○" };

/** One row for each seat: its figures, with sparklines of the last ten minutes. */
export function SeatTable({ seats, history, now }: { seats: Seat[]; history: History; now: number }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t("health.title")}>
      <table>
        <thead>
          <tr>
            {HEADS.map((h) => (
              <th key={h} scope="col">
                {t(`health.${h}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {seats.map((s) => (
            <Row key={seatKey(s)} seat={s} readings={history.get(seatKey(s)) ?? []} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ seat: s, readings, now }: { seat: Seat; readings: readonly Reading[]; now: number }) {
  const or = (value: number | null, words: (n: number) => string) => (value === null ? "–" : words(value));
  const line = (of: keyof Reading) => readings.map((r) => ({ at: r.at, value: r[of] }));
  const cause = causeWords(s);
  return (
    <tr class={verdict(s)}>
      <th scope="row">
        <bdi>{namedIn(s)}</bdi>
        <small>{roomName(s.room, s.room_title)}</small>
      </th>
      <td>
        <span class={`verdict ${verdict(s)}`}>
          <span aria-hidden="true">{SHAPE[verdict(s)]}</span> {t(`health.verdict.${verdict(s)}`)}
        </span>
        {cause && <small class="cause">{cause}</small>}
      </td>
      <td>
        {or(s.rtt_ms, milliseconds)}
        <Spark values={line("rtt_ms")} now={now} least={200} />
      </td>
      <td>
        {or(s.loss_up, percent)} / {or(s.loss_down, percent)}
        <Spark values={line("loss_up")} now={now} least={0.05} />
      </td>
      <td>{or(s.jitter_ms, milliseconds)}</td>
      <td>
        {or(s.bitrate_up, bitrate)}
        <Spark values={line("bitrate_up")} now={now} least={1e6} />
      </td>
      <td>{or(s.bitrate_down, bitrate)}</td>
      <td class="path">{pathWords(s.ice_path)}</td>
    </tr>
  );
}

export function pathWords(path: string | null): string {
  return path ? path.replace(/^(udp|tcp|turn-\w+)\b/i, (kind) => kind.toUpperCase()) : "–";
}
