import { t } from "../i18n";
import { passedOver } from "../model/entry";
import { isPresent, nameOf } from "../model/names";
import { listed, nextUp } from "../model/order";
import type { Room } from "../model/types";
import type { Desk } from "../state/act";
import { connected, room } from "../state/room";
import { mayChair } from "./console/Console";

/** The moderator's one big button: it says whom it will give the floor to. */
export function NextButton({ desk }: { desk: Desk }) {
  const r = room.value;
  if (!r) return null;
  const next = nextUp(r.floor, (person) => isPresent(r, person));
  const holder = r.floor.granted[0];
  const press = () => {
    if (!next) return holder && void desk.act("floor.revoke", { request: holder.id });
    if (listed(r.floor).some((q) => q.id === next.id)) return void desk.act("floor.next");
    // Nobody who is placed is present: the one who waits is granted, in place of the holder.
    return void desk.act("floor.grant", { request: next.id, ...(holder && { replace: holder.id }) });
  };
  const label = next ? t("console.next", { name: nameOf(r, next.beneficiary) }) : t(holder ? "console.next_end" : "console.next_none");
  return (
    <>
      <button type="button" class="main next" data-testid="next-button" title={t("console.next_hint")} disabled={!connected.value || !mayChair(r) || (!next && !holder)} onClick={press}>{label}</button>
      {next && <PassesOver room={r} />}
    </>
  );
}

/** Who is absent is said before he is called, not after. */
function PassesOver({ room }: { room: Room }) {
  const absent = passedOver(room);
  if (absent.length === 0) return null;
  const names = absent.map((q) => nameOf(room, q.beneficiary)).join(", ");
  return <p class="passes-over">{t("console.passes_over", { names })}</p>;
}
