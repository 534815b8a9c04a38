import { t, type Language } from "../i18n";
import type { Key } from "../i18n/en";
import { dayIn, ownZone, timeIn, zoneName } from "../i18n/format";
import type { AgendaItem } from "../model/types";
import { currentItem, instantOf } from "../model/zone";

export type { Language };

/** The agenda, each time in the reader's zone and in the conference's where they differ. */
export function Agenda({ items, zone }: { items: AgendaItem[]; zone: string }) {
  if (items.length === 0) return <p class="dim">{t("seat.agenda_empty")}</p>;
  const now = currentItem(items, zone, Date.now());
  return (
    <ol class="agenda">
      {items.map((item, i) => {
        const at = instantOf(item.starts, zone);
        const day = dayIn(at, zone);
        const newDay = i === 0 || dayIn(instantOf(items[i - 1]?.starts ?? "", zone), zone) !== day;
        return (
          <li key={i} aria-current={i === now ? "time" : undefined}>
            {newDay && <p class="day">{day}</p>}
            <div class="item">
              <span class="when">
                <time dateTime={at.toISOString()}>{timeIn(at, zone)}</time>
                <small>{zoneName(at, zone)}</small>
                {ownZone() !== zone && <small>{t("seat.own_time")} {timeIn(at)}</small>}
              </span>
              <span><strong>{item.title}</strong><small>{t(`item.${item.kind}` as Key)} · {t("agenda.minutes", { minutes: item.minutes })}{i === now && <b class="tag">{t("agenda.now")}</b>}</small></span>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
