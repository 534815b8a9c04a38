import { t } from "../../i18n";
import { number } from "../../i18n/format";
import type { Decision } from "../../model/types";

/** The count of a roll call so far. */
export function Tally({ decision: { tally, state } }: { decision: Pick<Decision, "tally" | "state"> }) {
  const counts = [["yes", tally.yes], ["no", tally.no], ["abstain", tally.abstain], [state === "open" ? "none" : "absent", tally.absent]] as const;
  return (
    <dl class="tally" data-testid="tally">
      {counts.map(([choice, count]) => <div key={choice} class={choice}><dt>{t(`choice.${choice}`)}</dt><dd>{number(count)}</dd></div>)}
    </dl>
  );
}
