import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { dayIn, dayRange, languageName } from "../../i18n/format";
import { agendaOfDay } from "../../model/agenda";
import { cityOf, namedIn, themeOf, titleOf } from "../../model/names";
import { ownerOf, roomToChoose } from "../../model/seat";
import type { Conference, Person, PlannedItem } from "../../model/types";
import { instantOf } from "../../model/zone";
import { may } from "../../state/permissions";
import { save } from "../../state/save";
import { takeSeat } from "../../state/seat";
import { serverNow } from "../../state/server-clock";
import { conference, person, reading, screen } from "../../state/session";
import { Agenda } from "../Agenda";
import { LanguageSwitch } from "../LanguageSwitch";
import { Check } from "./Check";
import { RoomChoice, RoomNow, useRoomsNow } from "./RoomChoice";

/** The seat page: who is here, the room that is on, and one button. The check and the agenda stand below it. */
export function SeatPage() {
  const c = conference.value;
  const p = person.value;
  const listed = useRoomsNow();
  const picked = useSignal<string | null>(null);
  if (!c || !p) return null;
  const rooms = c.rooms.filter((r) => p.rooms.length === 0 || p.rooms.includes(r.id));
  const chosen = picked.value ?? roomToChoose(rooms, listed, c, p, serverNow());
  const room = rooms.find((r) => r.id === chosen);
  const recorded = room !== undefined && listed.get(room.id)?.recording === true;
  const take = () => void takeSeat(chosen);
  return (
    <main class="seat" data-testid="seat">
      <Header conference={c} />
      <section class="seat-first">
        <div class="greeting">
          <h1>{t("seat.greeting", { name: namedIn(p) })}</h1>
          <Standing conference={c} person={p} />
        </div>
        <div class="seat-take">
          {room && (
            <p class="seat-room">
              <bdi>{titleOf(room)}</bdi>
              <RoomNow room={listed.get(room.id)} />
            </p>
          )}
          {recorded && (
            <div class="note seat-recorded" id="seat-recorded" data-testid="seat-recorded">
              <p>
                <span class="recording-dot" aria-hidden="true" />
                <strong>{t("recorded.title")}</strong>
              </p>
              <p>{t("recorded.what")}</p>
            </div>
          )}
          <button
            type="button"
            class="main"
            data-testid="take-seat"
            aria-describedby={recorded ? "seat-recorded" : undefined}
            disabled={!room}
            onClick={take}
          >
            {t(p.role === "viewer" ? "seat.watch" : "check.take_seat")}
          </button>
        </div>
      </section>
      <div class="seat-columns">
        {rooms.length > 1 && (
          <RoomChoice rooms={rooms} listed={listed} chosen={chosen} choose={(id) => (picked.value = id)} />
        )}
        <section class="card seat-check">
          <h2>{t("check.title")}</h2>
          <p class="dim">{t("check.lead")}</p>
          <Check room={chosen} role={p.role} />
        </section>
        <div class="seat-agenda">
          <OwnAgenda conference={c} person={p} room={chosen} />
          <OtherPages room={chosen} />
        </div>
      </div>
    </main>
  );
}

function Header({ conference: c }: { conference: Conference }) {
  return (
    <header class="top">
      <img src="mark.svg" alt="" width="36" height="36" />
      <div class="title">
        <p class="conference" dir="auto">
          {namedIn(c)}
        </p>
        <p>
          {dayRange(c.starts, c.ends)}
          {c.host && ` · ${t("seat.hosted", { city: cityOf(c, c.host) ?? "" })}`}
        </p>
        {c.theme && (
          <p class="theme" dir="auto">
            {themeOf(c)}
          </p>
        )}
      </div>
      <span class="tools">
        <LanguageSwitch />
      </span>
    </header>
  );
}

/** City and role, and in one sentence what this role does in the room. */
function Standing({ conference: c, person: p }: { conference: Conference; person: Person }) {
  const delegation = c.delegations.find((d) => d.id === p.delegation);
  const city = cityOf(c, p.delegation);
  return (
    <>
      <p class="who-am-i">
        {city ? t("seat.from", { city, role: t(`role.${p.role}`) }) : t(`role.${p.role}`)}
        {delegation && delegation.status !== "member" && <span class="mark">{t(`status.${delegation.status}`)}</span>}
      </p>
      <p class="dim">
        {p.role === "interpreter"
          ? t("seat.does_interpreter", { languages: p.languages.map(languageName).join(" · ") })
          : t(`seat.does_${p.role}`)}
      </p>
    </>
  );
}

/** The agenda of the chosen room, of today or of the next day; and all of the participant's agenda as a calendar file. */
function OwnAgenda({ conference: c, person: p, room }: { conference: Conference; person: Person; room: string }) {
  const { day, items } = agendaOfDay(
    c.agenda.filter((i) => i.room === room),
    c.time_zone,
    serverNow(),
  );
  const first = items[0];
  const title =
    day === "today"
      ? t("seat.agenda")
      : day === "next" && first
        ? t("seat.agenda_next", { day: dayIn(instantOf(first.starts, c.time_zone), c.time_zone) })
        : t("agenda.title");
  return (
    <section class="card" data-testid="own-agenda">
      <div class="head">
        <h2>{title}</h2>
        <button type="button" class="quiet" onClick={() => void save("/me/agenda.ics", "text/calendar", `${c.id}.ics`)}>
          {t("seat.calendar")}
        </button>
      </div>
      <Agenda items={items} zone={c.time_zone} mark={(item) => <Mark item={item} conference={c} person={p} />} />
    </section>
  );
}

function Mark({ item, conference: c, person: p }: { item: PlannedItem; conference: Conference; person: Person }) {
  const owner = ownerOf(item, p, c.people);
  return (
    owner && (
      <span class={`mark ${owner}`}>
        {owner === "own" ? t("seat.own_item") : t("seat.city_item", { city: cityOf(c, p.delegation) ?? "" })}
      </span>
    )
  );
}

/** What some roles read besides the rooms. */
function OtherPages({ room }: { room: string }) {
  const readsHealth = may.value.has("health.read");
  const readsRecord = may.value.has("proceedings.read");
  if (!readsHealth && !readsRecord) return null;
  return (
    <section class="card actions">
      {readsHealth && (
        <button type="button" onClick={() => (screen.value = "health")}>
          {t("seat.health")}
        </button>
      )}
      {readsRecord && (
        <button type="button" onClick={() => (reading.value = room)}>
          {t("record.open")}
        </button>
      )}
    </section>
  );
}
