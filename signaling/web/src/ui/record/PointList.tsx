import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { instant, type PointOfOrder } from "../../model/proceedings";
import { namedIn } from "../../model/names";

/** Points of order, and how the chair ruled. */
export function PointList({ points, zone }: { points: PointOfOrder[]; zone: string | undefined }) {
  if (points.length === 0) return null;
  return (
    <section class="card">
      <h2>
        {t("record.points")} <span class="count">{points.length}</span>
      </h2>
      <ul class="order">
        {points.map((p) => {
          return (
            <li key={p.request} class="line">
              <span class="place">{timeIn(instant(p.raised), zone)}</span>
              <span class="who">
                <strong>
                  <bdi>{namedIn(p)}</bdi>
                </strong>
                <small>
                  {t(`ruling.${p.ruling ?? "none"}`)}
                  {p.word && <q dir="auto">{p.word}</q>}
                </small>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
