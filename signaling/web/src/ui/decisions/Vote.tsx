import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import type { OwnVote } from "../../model/decision";
import type { Decision } from "../../model/types";
import type { Commands } from "../../state/commands";
import { Choice } from "../../wire/generated/socket";

/** The vote or the objection of the participant's own delegation. */
export function Vote({ decision, own, commands }: { decision: Decision; own: OwnVote; commands: Commands }) {
  const id = decision.id;
  if (own.objects) return <Object decision={id} objected={own.objected} commands={commands} />;
  return (
    <div class="vote" role="group" aria-label={t("decision.your_vote")}>
      {Choice.map((choice) => (
        <button
          key={choice}
          type="button"
          class={`choice ${choice}`}
          aria-pressed={own.given === choice}
          onClick={() => void commands.execute("decision.vote", { decision: id, choice })}
        >
          {t(`choice.${choice}`)}
        </button>
      ))}
    </div>
  );
}

function Object({ decision, objected, commands }: { decision: string; objected: boolean; commands: Commands }) {
  const reason = useSignal("");
  if (objected)
    return (
      <p class="note" role="status">
        {t("decision.objected_own")}
      </p>
    );
  const object = (e: Event) => {
    e.preventDefault();
    void commands.execute("decision.object", { decision, ...(reason.value.trim() && { reason: reason.value.trim() }) });
  };
  return (
    <form class="vote" onSubmit={object}>
      <button type="submit" class="choice no">
        {t("decision.object")}
      </button>
      <input
        aria-label={t("decision.reason")}
        placeholder={t("decision.reason")}
        maxLength={300}
        value={reason.value}
        onInput={(e) => (reason.value = e.currentTarget.value)}
      />
    </form>
  );
}
