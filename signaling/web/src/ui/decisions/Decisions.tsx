import { t } from "../../i18n";
import { openDecision } from "../../model/decision";
import type { Decision, Room } from "../../model/types";
import { may } from "../../state/permissions";
import { ChairOnly } from "../console/Console";
import { AskMeeting } from "./AskMeeting";
import { Roll } from "./Roll";
import { Tally } from "./Tally";

/** The decisions of this room, the latest first; the chair can put a question here. */
export function Decisions({ room }: { room: Room }) {
  const decisions = room.decisions;
  const past = decisions.filter((d) => d.state !== "open").reverse();
  return (
    <section class="panel" data-testid="decisions">
      <h2>{t("decision.title")}</h2>
      {may.value.has("decision.open") && !openDecision(decisions) && (
        <ChairOnly room={room}>
          <AskMeeting room={room} />
        </ChairOnly>
      )}
      {openDecision(decisions) && (
        <p class="note" role="note">
          {t("decision.one_open")}
        </p>
      )}
      {decisions.length === 0 && <p class="empty">{t("decision.none")}</p>}
      {past.map((decision) => (
        <Past key={decision.id} decision={decision} />
      ))}
    </section>
  );
}

function Past({ decision }: { decision: Decision }) {
  const outcome = decision.state === "withdrawn" ? "withdrawn" : (decision.result ?? "closed");
  return (
    <article class="decision past">
      <p class="head">
        <strong>
          <bdi>{decision.question}</bdi>
        </strong>
        <span class={`mark result ${outcome}`}>{t(`result.${outcome}`)}</span>
      </p>
      <p class="facts">{t(`decision.${decision.kind}`)}</p>
      {decision.kind === "roll_call" && <Tally decision={decision} />}
      <Roll decision={decision} />
    </article>
  );
}
