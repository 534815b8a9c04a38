import { t } from "../../i18n";
import { openDecision, ownVoteIn, votesGiven } from "../../model/decision";
import { actsOnBehalf } from "../../model/permissions";
import type { Decision, Room, You } from "../../model/types";
import { useCommands } from "../../state/commands";
import { may } from "../../state/permissions";
import { mayChair } from "../console/Console";
import { Refusal } from "../Refusal";
import { Countdown } from "./Countdown";
import { OnBehalf } from "./OnBehalf";
import { Roll } from "./Roll";
import { Tally } from "./Tally";
import { Vote } from "./Vote";

/** The open decision: the question, the votes or objections so far, and the participant's own. */
export function OpenDecision({ room, you }: { room: Room; you: You }) {
  const decision = openDecision(room.decisions);
  return decision && <Question key={decision.id} decision={decision} room={room} you={you} />;
}

function Question({ decision, room, you }: { decision: Decision; room: Room; you: You }) {
  const commands = useCommands();
  const own = ownVoteIn(decision, you);
  const chairs = may.value.has("decision.close") && mayChair(room);
  return (
    <section class="decision open" aria-label={t("decision.title")} data-testid="open-decision">
      <div class="head">
        <p class="eyebrow">{t(`decision.${decision.kind}`)}</p>
        {decision.closes_at && <Countdown until={decision.closes_at} />}
      </div>
      <h2>{decision.question}</h2>
      <p class="dim">{t(`decision.${decision.kind}_hint`)}</p>
      {(own.votes || own.objects) && <Vote decision={decision} own={own} commands={commands} />}
      {actsOnBehalf(may.value) && may.value.has("decision.vote") && (
        <OnBehalf decision={decision} commands={commands} />
      )}
      {decision.kind === "roll_call" && <Tally decision={decision} />}
      <Roll decision={decision} />
      {chairs && (
        <div class="actions">
          <button
            type="button"
            class="strong"
            onClick={() => void commands.execute("decision.close", { decision: decision.id })}
          >
            {t("decision.close")}
          </button>
          <button type="button" onClick={() => void commands.execute("decision.withdraw", { decision: decision.id })}>
            {t("decision.withdraw")}
          </button>
          {decision.kind === "roll_call" && (
            <span class="dim">{t("decision.given", { n: votesGiven(decision), of: decision.roll.length })}</span>
          )}
        </div>
      )}
      <Refusal commands={commands} />
    </section>
  );
}
