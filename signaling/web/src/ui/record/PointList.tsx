import { t } from "../../i18n";
import { instant, type PointOfOrder } from "../../model/proceedings";
import { namedIn } from "../../model/names";
import { recordedAt } from "../../state/player";
import { PlayAt } from "./PlayAt";

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
          const [raised, ruled] = [instant(p.raised), instant(p.ruled)];
          const ruling = recordedAt(ruled);
          return (
            <li key={p.request} class="line">
              <span class="place">
                <PlayAt at={raised} moment={recordedAt(raised)} what={namedIn(p)} zone={zone} />
              </span>
              <span class="who">
                <strong>
                  <bdi>{namedIn(p)}</bdi>
                </strong>
                <small>
                  {t(`ruling.${p.ruling ?? "none"}`)}{" "}
                  {ruled && ruling && (
                    <PlayAt at={ruled} moment={ruling} what={t("player.ruling", { name: namedIn(p) })} zone={zone} />
                  )}
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
