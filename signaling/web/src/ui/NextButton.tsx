import { t } from "../i18n";
import { passedOver } from "../model/entry";
import { isPresent, nameOf } from "../model/names";
import { listed, nextUp } from "../model/order";
import type { Room } from "../model/types";
import { orderCommands } from "../state/commands";
import { isHeadShown } from "../state/panels";
import { consoleRefusal } from "../state/refusals";
import { orderRest } from "../state/rest";
import { connected, room } from "../state/room";
import { mayChair } from "./console/Console";

/** The moderator's main button. It names the participant who gets the floor, and calls nobody else. */
export function NextButton() {
  const r = room.value;
  if (!r) return null;
  const next = nextUp(r.floor, (person) => isPresent(r, person));
  const holder = r.floor.granted[0];
  const idle = !connected.value || !mayChair(r) || (!next && !holder);
  const rests = orderRest.rests.value;
  const press = () => {
    if (idle) return;
    if (!next) return holder && void orderCommands.execute("floor.revoke", { request: holder.id });
    if (listed(r.floor).some((q) => q.id === next.id))
      return void orderCommands.execute("floor.next", { expect: next.id });
    // No listed participant is present: the oldest request not yet listed is granted, in place of the holder.
    return void orderCommands.execute("floor.grant", { request: next.id, ...(holder && { replace: holder.id }) });
  };
  const label = next
    ? t("console.next", { name: nameOf(r, next.beneficiary) })
    : t(holder ? "console.next_end" : "console.next_none");
  return (
    <>
      <button
        type="button"
        class={`main next ${rests ? "resting" : ""}`}
        data-testid="next-button"
        title={t("console.next_hint")}
        aria-disabled={idle || rests}
        onClick={press}
      >
        {label}
      </button>
      {/* The head of the console shows it, where that can be seen. */}
      {!isHeadShown() && consoleRefusal.value ? (
        <p class="passes-over refused" role="alert">
          {consoleRefusal.value}
        </p>
      ) : (
        next && <PassesOver room={r} />
      )}
    </>
  );
}

/** The chair sees the absent participants before calling them. */
function PassesOver({ room }: { room: Room }) {
  const absent = passedOver(room);
  if (absent.length === 0) return null;
  const names = absent.map((q) => nameOf(room, q.beneficiary)).join(", ");
  return <p class="passes-over">{t("console.passes_over", { names })}</p>;
}
