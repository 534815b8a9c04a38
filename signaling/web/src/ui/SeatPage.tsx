import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { dayIn, dayRange } from "../i18n/format";
import { stopCheck } from "../media/network-check";
import { openSources } from "../media/open-sources";
import { agendaOfDay } from "../model/agenda";
import { cityOf } from "../model/names";
import type { Conference, Person } from "../model/types";
import { currentItem, instantOf } from "../model/zone";
import { may } from "../state/permissions";
import { save } from "../state/save";
import { enter } from "../state/seat";
import { conference, person, reading, screen } from "../state/session";
import { Agenda } from "./Agenda";
import { Check } from "./Check";
import { LanguageSwitch } from "./LanguageSwitch";
import { RoomChoice } from "./RoomChoice";

/** The seat page: the participant, the rooms, the agenda and the device check. One button takes the seat. */
export function SeatPage() {
  const c = conference.value;
  const p = person.value;
  const rooms = (c?.rooms ?? []).filter((r) => !p?.rooms?.length || p.rooms.includes(r.id));
  const on = rooms.find((r) => c && currentItem(c.agenda.filter((i) => i.room === r.id), c.time_zone, Date.now()) >= 0);
  const chosen = useSignal(on?.id ?? rooms[0]?.id ?? "");
  if (!c || !p) return null;
  const readsHealth = may.value.has("health.read");
  const readsRecord = may.value.has("proceedings.read");
  const take = () => {
    stopCheck();
    void openSources(may.value).then(() => enter(chosen.value));
  };
  return (
    <main class="seat" data-testid="seat">
      <header class="top">
        <img src="/mark.svg" alt="" width="36" height="36" />
        <div class="title"><p class="conference">{c.name}</p>{c.starts && c.ends && <p>{dayRange(c.starts, c.ends)}{c.host && ` · ${t("seat.hosted", { city: cityOf(c, c.host) ?? "" })}`}</p>}</div>
        <span class="tools"><LanguageSwitch /></span>
      </header>
      <Greeting conference={c} person={p} />
      <div class="seat-columns">
        <div>
          <RoomChoice rooms={rooms} chosen={chosen.value} choose={(id) => (chosen.value = id)} />
          <OwnAgenda conference={c} room={chosen.value} />
          {(readsHealth || readsRecord) && (
            <section class="card actions">
              {readsHealth && <button type="button" onClick={() => (screen.value = "health")}>{t("seat.health")}</button>}
              {readsRecord && <button type="button" onClick={() => (reading.value = chosen.value)}>{t("record.open")}</button>}
            </section>
          )}
        </div>
        <section class="card">
          <h2>{t("check.title")}</h2>
          <p class="dim">{t("check.lead")}</p>
          <Check room={chosen.value} role={p.role} />
          <button type="button" class="main" data-testid="take-seat" onClick={take}>{t("check.take_seat")}</button>
        </section>
      </div>
    </main>
  );
}

function Greeting({ conference: c, person: p }: { conference: Conference; person: Person }) {
  const delegation = c.delegations.find((d) => d.id === p.delegation);
  const who = delegation ? t("seat.from", { city: delegation.name, role: t(`role.${p.role}`) }) : t(`role.${p.role}`);
  return (
    <section class="greeting">
      <p class="eyebrow">{t("seat.welcome")}</p>
      <h1>{t("seat.greeting", { name: p.name })}</h1>
      <p class="who-am-i">{who}{delegation && delegation.status !== "member" && <span class="mark">{t(`status.${delegation.status}`)}</span>}</p>
      {c.theme && <p class="theme">{c.theme}</p>}
    </section>
  );
}

/** The agenda of the chosen room, of today or of the next day; and all of the participant's agenda as a calendar file. */
function OwnAgenda({ conference: c, room }: { conference: Conference; room: string }) {
  const { day, items } = agendaOfDay(c.agenda.filter((i) => i.room === room), c.time_zone, Date.now());
  const first = items[0];
  const title = day === "today" ? t("seat.agenda") : day === "next" && first ? t("seat.agenda_next", { day: dayIn(instantOf(first.starts, c.time_zone), c.time_zone) }) : t("agenda.title");
  return (
    <section class="card">
      <div class="head"><h2>{title}</h2><button type="button" class="quiet" onClick={() => void save("/me/agenda.ics", "text/calendar", `${c.id}.ics`)}>{t("seat.calendar")}</button></div>
      <Agenda items={items} zone={c.time_zone} />
    </section>
  );
}
