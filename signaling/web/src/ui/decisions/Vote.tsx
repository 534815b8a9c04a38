import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import type { Voice } from "../../model/decision";
import type { Decision } from "../../model/types";
import type { Desk } from "../../state/act";
import { Choice } from "../../wire/generated/socket";

/** One's own delegation's word: a vote, or an objection. */
export function Vote({ decision, voice, desk }: { decision: Decision; voice: Voice; desk: Desk }) {
  const id = decision.id;
  if (voice.objects) return <Object decision={id} objected={voice.objected} desk={desk} />;
  return (
    <div class="vote" role="group" aria-label={t("decision.your_vote")}>
      {Choice.map((choice) => (
        <button key={choice} type="button" class={`choice ${choice}`} aria-pressed={voice.given === choice} onClick={() => void desk.act("decision.vote", { decision: id, choice })}>{t(`choice.${choice}`)}</button>
      ))}
    </div>
  );
}

function Object({ decision, objected, desk }: { decision: string; objected: boolean; desk: Desk }) {
  const reason = useSignal("");
  if (objected) return <p class="note" role="status">{t("decision.objected_own")}</p>;
  const object = (e: Event) => {
    e.preventDefault();
    void desk.act("decision.object", { decision, ...(reason.value.trim() && { reason: reason.value.trim() }) });
  };
  return (
    <form class="vote" onSubmit={object}>
      <button type="submit" class="choice no">{t("decision.object")}</button>
      <input aria-label={t("decision.reason")} placeholder={t("decision.reason")} maxLength={300} value={reason.value} onInput={(e) => (reason.value = e.currentTarget.value)} />
    </form>
  );
}
