import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { bytes, number, timeIn } from "../../i18n/format";
import { alarmsOf, diskTrouble, refusesCommands, seatsOf, staleRooms, verdict, type Alarm, type Seat, type ServerHealth } from "../../model/health";
import { record, type History } from "../../model/history";
import { withReading, type Incident } from "../../model/incidents";
import { conference, person, reading as shownRecord, screen, token } from "../../state/session";
import { health } from "../../wire/http";
import { LanguageSwitch } from "../LanguageSwitch";
import { AlarmList } from "./AlarmList";
import { IncidentList } from "./IncidentList";
import { SeatTable } from "./SeatTable";
import { ServerTrouble } from "./ServerTrouble";

const REFRESH_MS = 2_000;

/** What the server said of itself and its rooms, and what has happened since the page was opened. */
interface Reading {
  server: ServerHealth | null;
  seats: Seat[];
  stale: string[];
  alarms: Alarm[];
  history: History;
  incidents: Incident[];
  at: number;
}

/** The server, all rooms and all seats with the server's figures, the worst first, and the incidents since the page was opened. */
export function HealthPage() {
  const reading = useSignal<Reading>({ server: null, seats: [], alarms: [], stale: [], history: new Map(), incidents: [], at: 0 });
  const failed = useSignal(false);
  useEffect(() => {
    const fetchOnce = () => void health(token.value).then((answer) => {
      const [{ server }, seats, at] = [answer, seatsOf(answer), Date.now()];
      const incidents = withReading(reading.value.incidents, seats, at, diskTrouble(server));
      reading.value = { server, seats, alarms: alarmsOf(answer), stale: staleRooms(answer), at, history: record(reading.value.history, seats, at), incidents };
      failed.value = false;
    }).catch(() => (failed.value = true));
    fetchOnce();
    const timer = setInterval(fetchOnce, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const { server, seats, alarms, stale, history, incidents, at } = reading.value;
  return (
    <main class="health" data-testid="health">
      <Header />
      {server && <ServerTrouble server={server} />}
      <Summary seats={seats} server={server} />
      <AlarmList alarms={alarms} seats={seats} />
      {failed.value ? <p class="refusal" role="alert">{t("health.failed")}</p> : at > 0 && <p class="dim">{t("health.updated", { time: timeIn(new Date(at)) })}</p>}
      {stale.length > 0 && <p class="dim">{t("health.stale", { rooms: stale.join(", ") })}</p>}
      {seats.length === 0 ? <p class="empty">{t("health.none")}</p> : <SeatTable seats={seats} history={history} now={at} />}
      <IncidentList incidents={incidents} />
    </main>
  );
}

function Header() {
  const first = conference.value?.rooms[0]?.id;
  return (
    <header class="top">
      <img src="/mark.svg" alt="" width="36" height="36" />
      <div class="title"><h1>{t("health.title")}</h1><p>{conference.value?.name}</p></div>
      <span class="tools">
        <LanguageSwitch />
        {first && <button type="button" class="quiet" onClick={() => (shownRecord.value = first)}>{t("record.open")}</button>}
        {person.value && <button type="button" class="quiet" onClick={() => (screen.value = "seat")}>{t("health.back")}</button>}
      </span>
    </header>
  );
}

/** How many are seated, how the machine does, and how many seats are in trouble. */
function Summary({ seats, server }: { seats: Seat[]; server: ServerHealth | null }) {
  const bad = seats.filter((s) => ["poor", "lost"].includes(verdict(s))).length;
  const rooms = new Set(seats.map((s) => s.room)).size;
  const trouble = server && diskTrouble(server);
  const [word, words] = bad ? ["poor", t("health.bad", { n: bad })]
    : trouble ? [refusesCommands(trouble) ? "poor" : "fair", t("health.disk_bad")]
    : ["good", t("health.fine")];
  return (
    <div class="summary">
      <p>{t("health.seats")} <b>{seats.length}</b></p>
      <p>{t("health.rooms")} <b>{rooms}</b></p>
      {server && server.disk.free_bytes !== null && <p data-testid="disk-free">{t("health.disk_free")} <b>{bytes(server.disk.free_bytes)}</b></p>}
      {server && server.load !== null && <p>{t("health.load")} <b>{number(Math.round(server.load * 10) / 10)}</b>{server.processors !== null && <> {t("health.of_processors", { n: server.processors })}</>}</p>}
      <p role="status" class={`verdict ${word}`}>{words}</p>
    </div>
  );
}
