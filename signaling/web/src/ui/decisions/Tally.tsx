import { t } from "../../i18n";
import { number } from "../../i18n/format";
import type { Decision } from "../../model/types";

/** The count of a roll call so far. */
export function Tally({
  decision: { tally, state, quorum },
}: {
  decision: Pick<Decision, "tally" | "state" | "quorum">;
}) {
  const present = tally.present ?? null;
  const counts = [
    ["yes", tally.yes],
    ["no", tally.no],
    ["abstain", tally.abstain],
    [state === "open" ? "none" : "absent", tally.absent],
  ] as const;
  return (
    <dl class="tally" data-testid="tally">
      {present !== null && (
        <div class="present">
          <dt>{t("decision.present")}</dt>
          <dd>
            {quorum
              ? t("decision.present_of", { n: present, of: quorum.members, needed: quorum.needed })
              : number(present)}
          </dd>
        </div>
      )}
      {counts.map(([choice, count]) => (
        <div key={choice} class={choice}>
          <dt>{t(`choice.${choice}`)}</dt>
          <dd>{number(count)}</dd>
        </div>
      ))}
    </dl>
  );
}
