import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { bitrate, milliseconds, percent, timeIn } from "../i18n/format";
import { seatsOf, verdict, type Seat } from "../model/health";
import { conference, token } from "../state/session";
import { health } from "../wire/http";
import { LanguageSwitch } from "./LanguageSwitch";

const EVERY_MS = 2_000;

/** All rooms and seats with the server's own figures, worst first. */
export function HealthPage() {
  const seats = useSignal<Seat[]>([]);
  const updated = useSignal<Date | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    const fetchOnce = () => void health(token.value).then((answer) => {
      seats.value = seatsOf(answer);
      updated.value = new Date();
      failed.value = false;
    }, () => (failed.value = true));
    fetchOnce();
    const timer = setInterval(fetchOnce, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const bad = seats.value.filter((s) => ["poor", "lost"].includes(verdict(s))).length;
  return (
    <main class="health" data-testid="health">
      <header class="top">
        <img src="/mark.svg" alt="" width="36" height="36" />
        <div><h1>{t("health.title")}</h1><span class="dim">{conference.value?.name}</span></div>
        <LanguageSwitch />
      </header>
      <p class="dim">{t("health.lead")}</p>
      <p class="summary" role="status">
        <strong>{t("health.seats", { n: seats.value.length })}</strong>
        <strong class={bad ? "verdict poor" : "verdict good"}>{bad ? t("health.bad", { n: bad }) : t("health.fine")}</strong>
      </p>
      {failed.value ? <p role="alert">{t("health.failed")}</p> : updated.value && <p class="dim">{t("health.updated", { time: timeIn(updated.value) })}</p>}
      {seats.value.length === 0 ? <p>{t("health.none")}</p> : <Table seats={seats.value} />}
    </main>
  );
}

function Table({ seats }: { seats: Seat[] }) {
  const heads = ["seat", "room", "state", "path", "rtt", "loss", "jitter", "up", "down"] as const;
  const or = (value: number | null, words: (n: number) => string) => (value === null ? "–" : words(value));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t("health.title")}>
      <table>
        <thead><tr>{heads.map((h) => <th key={h} scope="col">{t(`health.${h}`)}</th>)}</tr></thead>
        <tbody>
          {seats.map((s) => (
            <tr key={`${s.room}/${s.person}`}>
              <th scope="row">{s.name}{s.cause && <small>{s.cause}</small>}</th>
              <td title={roomName(s)}>{roomName(s)}</td>
              <td><span class={`verdict ${verdict(s)}`}>{t(`health.verdict.${verdict(s)}`)}</span></td>
              <td>{s.path?.toUpperCase() ?? "–"}</td>
              <td>{or(s.rttMs, milliseconds)}</td>
              <td>{or(s.lossUp, percent)} / {or(s.lossDown, percent)}</td>
              <td>{or(s.jitterMs, milliseconds)}</td>
              <td>{or(s.up, bitrate)}</td>
              <td>{or(s.down, bitrate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function roomName(seat: Seat): string {
  return conference.value?.rooms.find((r) => r.id === seat.room)?.title ?? seat.roomTitle;
}
