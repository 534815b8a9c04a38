import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { dayRange } from "../i18n/format";
import { stopCheck } from "../media/network-check";
import { openSources, sends } from "../media/open-sources";
import { currentItem } from "../model/zone";
import { enter } from "../state/room";
import { conference, person, screen } from "../state/session";
import { Agenda } from "./Agenda";
import { Check } from "./Check";
import { LanguageSwitch } from "./LanguageSwitch";

/** Your seat: who you are, where, when, and the check; one button takes the seat. */
export function SeatPage() {
  const c = conference.value;
  const p = person.value;
  const now = Date.now();
  const rooms = (c?.rooms ?? []).filter((r) => !p?.rooms?.length || p.rooms.includes(r.id));
  const on = rooms.find((r) => c && currentItem(c.agenda.filter((i) => i.room === r.id), c.time_zone, now) >= 0);
  const chosen = useSignal(on?.id ?? rooms[0]?.id ?? "");
  if (!c || !p) return null;
  const city = c.delegations.find((d) => d.id === p.delegation);
  const take = () => {
    stopCheck();
    void openSources(p.role).then(() => enter(chosen.value));
  };
  return (
    <main class="seat" data-testid="seat">
      <header class="top">
        <img src="/mark.svg" alt="" width="36" height="36" />
        <div><strong>{c.name}</strong>{c.starts && c.ends && <span class="dim">{dayRange(c.starts, c.ends)}</span>}</div>
        <LanguageSwitch />
      </header>
      <section class="greeting">
        <p class="eyebrow">{t("seat.welcome")}</p>
        <h1>{t("seat.greeting", { name: p.name })}</h1>
        <p>{city ? t("seat.from", { city: city.name, role: t(`role.${p.role}`) }) : t(`role.${p.role}`)}</p>
        {c.theme && <p class="theme">{c.theme}</p>}
      </section>
      <div class="seat-columns">
        <div>
          <section class="card">
            <h2>{t("seat.rooms")}</h2>
            <div class="rooms">
              {rooms.map((r) => (
                <button key={r.id} type="button" class="room-choice" aria-pressed={chosen.value === r.id} data-testid={`room-${r.id}`} onClick={() => (chosen.value = r.id)}>
                  {r.title}{on?.id === r.id && <span class="tag">{t("seat.on_now")}</span>}
                </button>
              ))}
            </div>
          </section>
          <section class="card"><h2>{t("agenda.title")}</h2><Agenda items={c.agenda.filter((i) => i.room === chosen.value)} zone={c.time_zone} /></section>
        </div>
        <section class="card">
          <h2>{t("check.title")}</h2>
          <p class="dim">{t("check.lead")}</p>
          <Check room={chosen.value} sending={sends(p.role)} role={p.role} />
          <button type="button" class="main" data-testid="take-seat" onClick={take}>{t("check.take_seat")}</button>
          {p.role === "operator" && <button type="button" onClick={() => (screen.value = "health")}>{t("seat.health")}</button>}
        </section>
      </div>
    </main>
  );
}
