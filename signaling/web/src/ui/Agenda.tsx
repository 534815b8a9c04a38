import type { ComponentChildren } from "preact";
import { t } from "../i18n";
import { dayIn, ownZone, timeIn, zoneName } from "../i18n/format";
import type { ShownItem } from "../model/agenda";
import { currentItem, instantOf } from "../model/zone";
import { serverNow } from "../state/server-clock";
import { RecordingMark } from "./RecordingMark";
import { titleOf } from "../model/names";

interface Props<T extends ShownItem> {
  items: T[];
  zone: string;
  /** The controls beside an item. */
  controls?: (item: T) => ComponentChildren;
  /** What is said of an item below its title. */
  facts?: (item: T) => ComponentChildren;
  /** A mark behind the facts of an item. */
  mark?: (item: T) => ComponentChildren;
}

/** The agenda, each time in the conference's zone, and in the reader's where they differ. */
export function Agenda<T extends ShownItem>({ items, zone, controls, facts, mark }: Props<T>) {
  if (items.length === 0) return <p class="empty">{t("seat.agenda_empty")}</p>;
  const planned = currentItem(items, zone, serverNow());
  const day = (item: T) => dayIn(instantOf(item.starts, zone), zone);
  return (
    <ol class="agenda">
      {items.map((item, i) => {
        const before = items[i - 1];
        // The room knows what is on; the plan of the conference only has the times.
        const on = item.state ? item.state === "on" : i === planned;
        return (
          <li key={item.id} class={item.state} aria-current={on ? "time" : undefined}>
            {(!before || day(before) !== day(item)) && <p class="day">{day(item)}</p>}
            <div class="item">
              <When at={instantOf(item.starts, zone)} zone={zone} />
              <div>
                <strong>
                  <bdi>{titleOf(item)}</bdi>
                </strong>
                <p class="facts">
                  {t(`item.${item.kind}`)} · {t("agenda.minutes", { minutes: item.minutes })}
                  {on && <b class="tag">{t("agenda.now")}</b>}
                  {item.state === "done" && <span class="mark">{t("agenda.done")}</span>}
                  {item.recording && <RecordingMark media={item.recording} />}
                  {mark?.(item)}
                </p>
                {facts?.(item)}
              </div>
              {controls && <div class="actions">{controls(item)}</div>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

/** The conference's time, and the reader's own where it differs. */
function When({ at, zone }: { at: Date; zone: string }) {
  const differs = timeIn(at, zone) !== timeIn(at, ownZone());
  return (
    <p class="when">
      <time dateTime={at.toISOString()}>{timeIn(at, zone)}</time> <small>{zoneName(at, zone)}</small>
      {differs && <small>{t("seat.own_time", { time: timeIn(at) })}</small>}
    </p>
  );
}
