import { t } from "../i18n";
import { passedOver } from "../model/entry";
import { isPresent, nameOf } from "../model/names";
import { listed, nextUp } from "../model/order";
import type { Room } from "../model/types";
import type { Commands } from "../state/commands";
import { connected, room } from "../state/room";
import { mayChair } from "./console/Console";

/** The moderator's main button. It names the participant who gets the floor. */
export function NextButton({ commands }: { commands: Commands }) {
  const r = room.value;
  if (!r) return null;
  const next = nextUp(r.floor, (person) => isPresent(r, person));
  const holder = r.floor.granted[0];
  const press = () => {
    if (!next) return holder && void commands.execute("floor.revoke", { request: holder.id });
    if (listed(r.floor).some((q) => q.id === next.id)) return void commands.execute("floor.next");
    // No listed participant is present: the oldest request not yet listed is granted, in place of the holder.
    return void commands.execute("floor.grant", { request: next.id, ...(holder && { replace: holder.id }) });
  };
  const label = next ? t("console.next", { name: nameOf(r, next.beneficiary) }) : t(holder ? "console.next_end" : "console.next_none");
  return (
    <>
      <button type="button" class="main next" data-testid="next-button" title={t("console.next_hint")} disabled={!connected.value || !mayChair(r) || (!next && !holder)} onClick={press}>{label}</button>
      {next && <PassesOver room={r} />}
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
