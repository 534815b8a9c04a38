import { t } from "../../i18n";
import { votesGiven } from "../../model/decision";
import type { Decision } from "../../model/types";
import { Countdown } from "../decisions/Countdown";
import { Roll } from "../decisions/Roll";
import { Tally } from "../decisions/Tally";

/** The question that is put to the meeting, the votes as they come, and then the result. */
export function HallVote({ decision }: { decision: Decision }) {
  const open = decision.state === "open";
  return (
    <section
      class={`hall-vote ${open ? "open" : (decision.result ?? "closed")}`}
      aria-label={t("decision.title")}
      data-testid="hall-vote"
    >
      <p class="hall-kind">{t(`decision.${decision.kind}`)}</p>
      <h2 class={decision.question.length > 90 ? "long" : undefined}>{decision.question}</h2>
      {open && decision.kind === "roll_call" && (
        <p class="hall-given">{t("decision.given", { n: votesGiven(decision), of: decision.roll.length })}</p>
      )}
      {open && decision.closes_at && <Countdown until={decision.closes_at} />}
      {!open && (
        <p class="hall-result" role="status" data-testid="hall-result">
          {t(`result.${decision.result ?? "closed"}`)}
        </p>
      )}
      {decision.kind === "roll_call" && <Tally decision={decision} />}
      <Roll decision={decision} />
    </section>
  );
}
