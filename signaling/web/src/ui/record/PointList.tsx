import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { instant, type PointOfOrder } from "../../model/proceedings";

/** Points of order, and how the chair ruled. */
export function PointList({ points, zone }: { points: PointOfOrder[]; zone: string | undefined }) {
  if (points.length === 0) return null;
  return (
    <section class="card">
      <h2>{t("record.points")} <span class="count">{points.length}</span></h2>
      <ul class="order">
        {points.map((p) => {
          return (
            <li key={p.request} class="line">
              <span class="place">{timeIn(instant(p.raised), zone)}</span>
              <span class="who"><strong>{p.name}</strong><small>{t(`ruling.${p.ruling ?? "none"}`)}{p.word && <q>{p.word}</q>}</small></span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
