import { t } from "../../i18n";
import { cityOf } from "../../model/names";
import type { Choice, Decision } from "../../model/types";
import { conference } from "../../state/session";

const SIGN: Record<Choice, string> = { yes: "✓", no: "✕", abstain: "–" };

/** A decision as a room or its record has it. */
type Rolled = Pick<Decision, "kind" | "state"> & {
  roll: { delegation: string; choice?: Choice | null }[];
  objections: { delegation: string; reason?: string | null }[];
};

/** The delegations on the roll, each with its vote or objection. */
export function Roll({ decision }: { decision: Rolled }) {
  const city = (id: string) => cityOf(conference.value, id);
  if (decision.kind === "no_objection") {
    if (decision.objections.length === 0)
      return <p class="dim">{t(decision.state === "open" ? "decision.no_objections" : "decision.nobody_objected")}</p>;
    return (
      <ul class="objections">
        {decision.objections.map((o) => (
          <li key={o.delegation}>
            <strong>{t("decision.objects", { city: city(o.delegation) ?? "" })}</strong>
            {o.reason && <q dir="auto">{o.reason}</q>}
          </li>
        ))}
      </ul>
    );
  }
  return (
    <ul class="roll" aria-label={t("decision.roll")}>
      {decision.roll.map((entry) => (
        <li key={entry.delegation} class={entry.choice ?? "none"}>
          <span aria-hidden="true">{entry.choice ? SIGN[entry.choice] : "·"}</span> <bdi>{city(entry.delegation)}</bdi>
          <span class="hidden">
            {" "}
            {entry.choice
              ? t(`choice.${entry.choice}`)
              : t(decision.state === "open" ? "choice.none" : "choice.absent")}
          </span>
        </li>
      ))}
    </ul>
  );
}
