import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { bytes, names, number, timeIn } from "../../i18n/format";
import {
  alarmsOf,
  diskTrouble,
  displaysOf,
  sideTalksOf,
  helpOf,
  newCalls,
  recordedRooms,
  refusesCommands,
  seatsOf,
  staleRooms,
  summary,
  type Alarm,
  type Displays,
  type HelpCall,
  type RecordedRoom,
  type Seat,
  type SideTalk,
  type ServerHealth,
  type Summary,
} from "../../model/health";
import { record, type History } from "../../model/history";
import { withReading, type Incident } from "../../model/incidents";
import { announce } from "../../state/notices";
import { serverNow } from "../../state/server-clock";
import { authorized, conference, person, reading as shownRecord, screen } from "../../state/session";
import { health } from "../../wire/http";
import { LanguageSwitch } from "../LanguageSwitch";
import { AlarmList } from "./AlarmList";
import { DisplayList } from "./DisplayList";
import { HelpList } from "./HelpList";
import { IncidentList } from "./IncidentList";
import { RecordedRoomList } from "./RecordedRoomList";
import { SeatTable } from "./SeatTable";
import { ServerTrouble } from "./ServerTrouble";
import { SideTalkList } from "./SideTalkList";
import { namedIn, titleOf } from "../../model/names";

const REFRESH_MS = 2_000;

/** The health of the server and its rooms, and the incidents since the page was opened. */
interface Reading {
  server: ServerHealth | null;
  seats: Seat[];
  stale: ReturnType<typeof staleRooms>;
  alarms: Alarm[];
  help: HelpCall[];
  displays: Displays[];
  sideTalks: SideTalk[];
  recorded: RecordedRoom[];
  history: History;
  incidents: Incident[];
  at: number;
}

/** The server, all rooms and all seats with the server's figures, the worst first, and the incidents since the page was opened. */
export default function HealthPage() {
  const reading = useSignal<Reading>({
    server: null,
    seats: [],
    alarms: [],
    help: [],
    displays: [],
    sideTalks: [],
    recorded: [],
    stale: [],
    history: new Map(),
    incidents: [],
    at: 0,
  });
  const failed = useSignal(false);
  const fetchOnce = () =>
    void authorized(health)
      .then((answer) => {
        const [{ server }, seats, at] = [answer, seatsOf(answer), serverNow()];
        for (const call of newCalls(reading.value.help, answer))
          announce(t("health.help_of", { name: namedIn(call) }), "assertive");
        const incidents = withReading(reading.value.incidents, seats, at, diskTrouble(server));
        reading.value = {
          server,
          seats,
          alarms: alarmsOf(answer),
          help: helpOf(answer),
          displays: displaysOf(answer),
          sideTalks: sideTalksOf(answer),
          recorded: recordedRooms(answer),
          stale: staleRooms(answer),
          at,
          history: record(reading.value.history, seats, at),
          incidents,
        };
        failed.value = false;
      })
      .catch(() => (failed.value = true));
  useEffect(() => {
    fetchOnce();
    const timer = setInterval(fetchOnce, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const { server, seats, alarms, help, displays, sideTalks, recorded, stale, history, incidents, at } = reading.value;
  return (
    <main class="health" data-testid="health">
      <Header />
      <HelpList calls={help} now={at} closed={fetchOnce} />
      {server && <ServerTrouble server={server} />}
      <Figures seats={seats} server={server} failed={failed.value} at={at} />
      <AlarmList alarms={alarms} seats={seats} />
      {failed.value ? (
        <p class="refusal" role="alert">
          {t("health.failed")}
        </p>
      ) : (
        at > 0 && <p class="dim">{t("health.updated", { time: timeIn(new Date(at)) })}</p>
      )}
      {stale.length > 0 && <p class="dim">{t("health.stale", { rooms: names(stale.map(titleOf)) })}</p>}
      {seats.length === 0 ? (
        <p class="empty">{t("health.none")}</p>
      ) : (
        <SeatTable seats={seats} history={history} now={at} />
      )}
      <RecordedRoomList rooms={recorded} />
      <SideTalkList talks={sideTalks} closed={fetchOnce} />
      {at > 0 && <DisplayList displays={displays} />}
      <IncidentList incidents={incidents} />
    </main>
  );
}

function Header() {
  const first = conference.value?.rooms[0]?.id;
  return (
    <header class="top">
      <img src="mark.svg" alt="" width="36" height="36" />
      <div class="title">
        <h1>{t("health.title")}</h1>
        <p>{conference.value && namedIn(conference.value)}</p>
      </div>
      <span class="tools">
        <LanguageSwitch />
        {first && (
          <button type="button" class="quiet" onClick={() => (shownRecord.value = first)}>
            {t("record.open")}
          </button>
        )}
        {person.value && (
          <button type="button" class="quiet" data-testid="to-seat" onClick={() => (screen.value = "seat")}>
            {t("health.back")}
          </button>
        )}
      </span>
    </header>
  );
}

/** How many are seated, how the machine does, and how many seats are in trouble. */
function Figures({
  seats,
  server,
  failed,
  at,
}: {
  seats: Seat[];
  server: ServerHealth | null;
  failed: boolean;
  at: number;
}) {
  const rooms = new Set(seats.map((s) => s.room)).size;
  const said = summary(seats, server, failed);
  return (
    <div class="summary">
      <p>
        {t("health.seats")} <b>{seats.length}</b>
      </p>
      <p>
        {t("health.rooms")} <b>{rooms}</b>
      </p>
      {server && server.disk.free_bytes !== null && (
        <p data-testid="disk-free">
          {t("health.disk_free")} <b>{bytes(server.disk.free_bytes)}</b>
        </p>
      )}
      {server && server.load !== null && (
        <p>
          {t("health.load")} <b>{number(Math.round(server.load * 10) / 10)}</b>
          {server.processors !== null && <> {t("health.of_processors", { n: server.processors })}</>}
        </p>
      )}
      <p role="status" class={`verdict ${wordOf(said, server)}`} data-testid="health-summary">
        {t(`health.${said.says}`, { ...said, time: timeIn(new Date(at)) })}
      </p>
    </div>
  );
}

function wordOf({ says }: Summary, server: ServerHealth | null): "good" | "fair" | "poor" | "unknown" {
  switch (says) {
    case "waiting_for_figures":
      return "unknown";
    case "bad":
      return "poor";
    case "disk_bad": {
      const trouble = server && diskTrouble(server);
      return trouble && refusesCommands(trouble) ? "poor" : "fair";
    }
    case "outdated":
    case "partly_measured":
      return "fair";
    case "nobody_measured":
    case "fine":
      return "good";
  }
}
