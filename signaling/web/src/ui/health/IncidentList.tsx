import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { namedIn } from "../../model/names";
import { SERVER, type Incident } from "../../model/incidents";

/** The incidents since the page was opened, the latest first. */
export function IncidentList({ incidents }: { incidents: Incident[] }) {
  return (
    <section class="card incidents">
      <h2>{t("health.incidents")}</h2>
      {incidents.length === 0 && <p class="empty">{t("health.no_incidents")}</p>}
      <ol class="order">
        {incidents.map((i) => (
          <li key={`${i.seat}/${i.from}`} class="line">
            <span class="place">
              <time dateTime={new Date(i.from).toISOString()}>{timeIn(new Date(i.from))}</time>
            </span>
            <span class="who">
              <strong>
                <bdi>{i.seat === SERVER ? t("health.server") : namedIn(i)}</bdi>
              </strong>
              <small>
                {t(`health.incident.${i.cause}`)} ·{" "}
                {i.to === null ? t("health.still") : t("health.until", { time: timeIn(new Date(i.to)) })}
              </small>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
