import { t } from "../../i18n";
import type { RecordedDecision } from "../../model/proceedings";
import { Roll } from "../decisions/Roll";
import { Tally } from "../decisions/Tally";

/** The decisions, each with its votes. */
export function DecisionList({ decisions }: { decisions: RecordedDecision[] }) {
  return (
    <section class="card">
      <h2>
        {t("decision.title")} <span class="count">{decisions.length}</span>
      </h2>
      {decisions.length === 0 && <p class="empty">{t("decision.none")}</p>}
      {decisions.map((d) => {
        const outcome = d.state === "withdrawn" ? "withdrawn" : d.state === "open" ? "open" : (d.result ?? "closed");
        return (
          <article key={d.id} class="decision past">
            <p class="head">
              <strong>
                <bdi>{d.question}</bdi>
              </strong>
              <span class={`mark result ${outcome}`}>{t(`result.${outcome}`)}</span>
            </p>
            {d.kind === "roll_call" && <Tally decision={d} />}
            <Roll decision={d} />
          </article>
        );
      })}
    </section>
  );
}
