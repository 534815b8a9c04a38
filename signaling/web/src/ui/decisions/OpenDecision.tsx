import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { openDecision, voiceIn, votesGiven } from "../../model/decision";
import type { Decision, Room, You } from "../../model/types";
import { useDesk } from "../../state/act";
import { announce } from "../../state/notices";
import { Refusal } from "../Refusal";
import { Countdown } from "./Countdown";
import { OnBehalf } from "./OnBehalf";
import { Roll } from "./Roll";
import { Tally } from "./Tally";
import { Vote } from "./Vote";

/** What the meeting is deciding now: the question, who has said what, and what one may say oneself. */
export function OpenDecision({ room, you }: { room: Room; you: You }) {
  const decision = openDecision(room.decisions);
  useEffect(() => {
    if (decision) announce(t("announce.decision", { question: decision.question }));
  }, [decision?.id]);
  return decision && <Question key={decision.id} decision={decision} room={room} you={you} />;
}

function Question({ decision, room, you }: { decision: Decision; room: Room; you: You }) {
  const desk = useDesk();
  const voice = voiceIn(decision, you);
  const chairs = you.role === "moderator" && (!room.floor.chair || room.floor.chair === you.person);
  return (
    <section class="decision open" aria-label={t("decision.title")} data-testid="open-decision">
      <div class="head">
        <p class="eyebrow">{t(`decision.${decision.kind}`)}</p>
        {decision.closes_at && <Countdown until={decision.closes_at} />}
      </div>
      <h2>{decision.question}</h2>
      <p class="dim">{t(`decision.${decision.kind}_hint`)}</p>
      {(voice.votes || voice.objects) && <Vote decision={decision} voice={voice} desk={desk} />}
      {you.role === "clerk" && <OnBehalf decision={decision} desk={desk} />}
      {decision.kind === "roll_call" && <Tally decision={decision} />}
      <Roll decision={decision} />
      {chairs && (
        <div class="actions">
          <button type="button" class="strong" onClick={() => void desk.act("decision.close", { decision: decision.id })}>{t("decision.close")}</button>
          <button type="button" onClick={() => void desk.act("decision.withdraw", { decision: decision.id })}>{t("decision.withdraw")}</button>
          {decision.kind === "roll_call" && <span class="dim">{t("decision.given", { n: votesGiven(decision), of: decision.roll.length })}</span>}
        </div>
      )}
      <Refusal desk={desk} />
    </section>
  );
}
