import { t } from "../i18n";
import { isPresent, nameOf } from "../model/names";
import { listed, nextUp } from "../model/order";
import { act, connected, room } from "../state/room";

/** The moderator's one big button: it says whom it will give the floor to. */
export function NextButton() {
  const r = room.value;
  if (!r) return null;
  const next = nextUp(r.floor, (person) => isPresent(r, person));
  const holder = r.floor.granted[0];
  const press = () => {
    if (!next) return holder && void act("floor.revoke", { request: holder.id });
    if (listed(r.floor).length > 0) return void act("floor.next");
    // Nobody is placed yet: the one who waits is granted, in place of the holder.
    return void act("floor.grant", { request: next.id, ...(holder && { replace: holder.id }) });
  };
  const label = next ? t("console.next", { name: nameOf(r, next.beneficiary) }) : t(holder ? "console.next_end" : "console.next_none");
  return <button type="button" class="main next" data-testid="next-button" title={t("console.next_hint")} disabled={!connected.value || (!next && !holder)} onClick={press}>{label}</button>;
}
