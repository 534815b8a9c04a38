import { t } from "../../i18n";
import { usedText } from "../../model/clock";
import { timePerDelegation, type Proceedings } from "../../model/proceedings";

/** Speaking time per delegation: a table that a screen reader can read, with bars beside the figures. */
export function TimeChart({ record }: { record: Proceedings }) {
  const bars = timePerDelegation(record);
  return (
    <section class="card">
      <h2>{t("record.time")}</h2>
      {bars.length === 0 ? (
        <p class="empty">{t("record.nobody")}</p>
      ) : (
        <table class="chart" data-testid="time-chart">
          <thead>
            <tr>
              <th scope="col">{t("record.delegation")}</th>
              <th scope="col">
                <span class="hidden">{t("record.share")}</span>
              </th>
              <th scope="col" class="figure">
                {t("record.used")}
              </th>
              <th scope="col" class="figure">
                {t("record.times")}
              </th>
            </tr>
          </thead>
          <tbody>
            {bars.map((bar) => (
              <tr key={bar.delegation}>
                <th scope="row">
                  <bdi>{bar.name}</bdi>
                </th>
                <td class="bar">
                  <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="track" width="100" height="10" />
                    <rect class="used" width={100 * bar.share} height="10" />
                  </svg>
                </td>
                <td class="figure">{usedText(bar.usedMs)}</td>
                <td class="figure">{bar.speeches}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
