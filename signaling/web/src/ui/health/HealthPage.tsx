import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { alarmsOf, type Alarm } from "../../model/alarms";
import { seatsOf, verdict, type Seat } from "../../model/health";
import { remember, type History } from "../../model/history";
import { follow, type Incident } from "../../model/incidents";
import { conference, person, reading, screen, token } from "../../state/session";
import { health } from "../../wire/http";
import { LanguageSwitch } from "../LanguageSwitch";
import { AlarmList } from "./AlarmList";
import { IncidentList } from "./IncidentList";
import { SeatTable } from "./SeatTable";

const EVERY_MS = 2_000;

interface Look {
  seats: Seat[];
  alarms: Alarm[];
  history: History;
  incidents: Incident[];
  at: number;
}

/** All rooms and seats with the server's own figures, worst first, and what has gone wrong since the page was opened. */
export function HealthPage() {
  const look = useSignal<Look>({ seats: [], alarms: [], history: new Map(), incidents: [], at: 0 });
  const failed = useSignal(false);
  useEffect(() => {
    const fetchOnce = () => void health(token.value).then((answer) => {
      const seats = seatsOf(answer);
      const at = Date.now();
      look.value = { seats, alarms: alarmsOf(answer), at, history: remember(look.value.history, seats, at), incidents: follow(look.value.incidents, seats, at) };
      failed.value = false;
    }, () => (failed.value = true));
    fetchOnce();
    const timer = setInterval(fetchOnce, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const { seats, alarms, history, incidents, at } = look.value;
  return (
    <main class="health" data-testid="health">
      <Header />
      <Summary seats={seats} />
      <AlarmList alarms={alarms} seats={seats} />
      {failed.value ? <p class="refusal" role="alert">{t("health.failed")}</p> : at > 0 && <p class="dim">{t("health.updated", { time: timeIn(new Date(at)) })}</p>}
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
        {first && <button type="button" class="quiet" onClick={() => (reading.value = first)}>{t("record.open")}</button>}
        {person.value && <button type="button" class="quiet" onClick={() => (screen.value = "seat")}>{t("health.back")}</button>}
      </span>
    </header>
  );
}

/** How many are seated, and how many of them need somebody. */
function Summary({ seats }: { seats: Seat[] }) {
  const bad = seats.filter((s) => ["poor", "lost"].includes(verdict(s))).length;
  const rooms = new Set(seats.map((s) => s.room)).size;
  return (
    <div class="summary">
      <p>{t("health.seats")} <b>{seats.length}</b></p>
      <p>{t("health.rooms")} <b>{rooms}</b></p>
      <p role="status" class={bad ? "verdict poor" : "verdict good"}>{bad ? t("health.bad", { n: bad }) : t("health.fine")}</p>
    </div>
  );
}
