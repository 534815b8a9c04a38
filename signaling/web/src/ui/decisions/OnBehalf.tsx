import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { cityOf } from "../../model/names";
import type { Decision } from "../../model/types";
import type { Commands } from "../../state/commands";
import { conference } from "../../state/session";
import { Choice } from "../../wire/generated/socket";

/** A clerk records what a delegation says by telephone or by a raised card. */
export function OnBehalf({ decision, commands }: { decision: Decision; commands: Commands }) {
  const chosen = useSignal("");
  const roll = decision.roll.map((entry) => entry.delegation);
  const delegation = roll.includes(chosen.value) ? chosen.value : (roll[0] ?? "");
  const about = { decision: decision.id, delegation };
  return (
    <div class="vote">
      <select
        aria-label={t("clerk.for_whom")}
        value={delegation}
        onChange={(e) => (chosen.value = e.currentTarget.value)}
      >
        {roll.map((id) => (
          <option key={id} value={id}>
            {cityOf(conference.value, id)}
          </option>
        ))}
      </select>
      {decision.kind === "roll_call" ? (
        Choice.map((choice) => (
          <button
            key={choice}
            type="button"
            onClick={() => void commands.execute("decision.vote", { ...about, choice })}
          >
            {t(`choice.${choice}`)}
          </button>
        ))
      ) : (
        <button type="button" onClick={() => void commands.execute("decision.object", about)}>
          {t("decision.object")}
        </button>
      )}
    </div>
  );
}
