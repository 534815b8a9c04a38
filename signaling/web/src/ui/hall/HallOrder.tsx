import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { programme } from "../../model/agenda";
import { cityOf, nameOf, titleOf } from "../../model/names";
import { listed } from "../../model/order";
import type { FloorRequest, Room } from "../../model/types";
import { instantOf } from "../../model/zone";
import { conference } from "../../state/session";
import { ListState } from "../ListState";
import { useNow } from "../useNow";

/** As many as are legible from the last row. */
const MAX_SHOWN = 7;

/** The cities that speak next, and the item that follows. */
export function HallOrder({ room: r }: { room: Room }) {
  const entries = listed(r.floor);
  const more = entries.length - MAX_SHOWN;
  return (
    <section class="hall-order" aria-label={t("order.title")}>
      <h2>
        {t("order.title")} <ListState list={r.floor.list} />
      </h2>
      {entries.length === 0 && <p class="hall-none">{t("order.empty")}</p>}
      <ol data-testid="hall-order">
        {entries.slice(0, MAX_SHOWN).map((q) => (
          <Line key={q.id} room={r} request={q} />
        ))}
      </ol>
      {more > 0 && <p class="hall-more">{t("hall.more", { n: more })}</p>}
      <NextItem room={r} />
    </section>
  );
}

function Line({ room: r, request: q }: { room: Room; request: FloorRequest }) {
  const city = cityOf(conference.value, q.delegation);
  const details = [city && nameOf(r, q.beneficiary), q.kind !== "statement" && t(`kind.${q.kind}`)];
  return (
    <li>
      <b>{q.position}</b>
      <div>
        <strong>
          <bdi>{city ?? nameOf(r, q.beneficiary)}</bdi>
        </strong>
        <small>{details.filter(Boolean).join(" · ")}</small>
      </div>
    </li>
  );
}

function NextItem({ room: r }: { room: Room }) {
  const { on, next } = programme(r.agenda, useNow(15_000));
  if (!on || !next) return null;
  return (
    <p class="hall-next">
      <b>{t("agenda.next")}</b> {titleOf(next)}{" "}
      <time>{timeIn(instantOf(next.starts, "UTC"), conference.value?.time_zone)}</time>
    </p>
  );
}
