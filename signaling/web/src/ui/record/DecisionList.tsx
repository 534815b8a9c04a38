import { t } from "../../i18n";
import { instant, type RecordedDecision } from "../../model/proceedings";
import { recordedAt } from "../../state/player";
import { Roll } from "../decisions/Roll";
import { Tally } from "../decisions/Tally";
import { PlayAt } from "./PlayAt";

/** The decisions, each with its votes. */
export function DecisionList({ decisions, zone }: { decisions: RecordedDecision[]; zone: string | undefined }) {
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
            <Moments decision={d} zone={zone} />
            {d.kind === "roll_call" && <Tally decision={d} />}
            <Roll decision={d} />
          </article>
        );
      })}
    </section>
  );
}

/** When the question was put and when it was decided. */
function Moments({ decision: d, zone }: { decision: RecordedDecision; zone: string | undefined }) {
  const [opened, closed] = [instant(d.opened_at), instant(d.closed_at)];
  return (
    <p class="moments">
      <PlayAt
        at={opened}
        moment={recordedAt(opened)}
        what={t("player.moment.opened", { question: d.question })}
        zone={zone}
      />
      {closed && (
        <>
          {" – "}
          <PlayAt
            at={closed}
            moment={recordedAt(closed)}
            what={t("player.result", { question: d.question })}
            zone={zone}
          />
        </>
      )}
    </p>
  );
}
