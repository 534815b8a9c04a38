import { t } from "../i18n";
import { isPresent, nameOf } from "../model/names";
import type { Room, You } from "../model/types";
import type { Desk } from "../state/act";

/** Where the rules allow it, a holder may wish to hand the rest of the time to somebody; the chair consents. */
export function YieldTo({ room, you, desk }: { room: Room; you: You; desk: Desk }) {
  const held = room.floor.granted.find((g) => g.beneficiary === you.person);
  if (!held || !room.floor.settings.yielding) return null;
  if (held.yields_to) return <span class="dim">{t("action.yielding", { name: nameOf(room, held.yields_to.person) })}</span>;
  const others = room.participants.filter((p) => p.role === "delegate" && p.person !== you.person && isPresent(room, p.person));
  return (
    <select aria-label={t("action.yield")} value="" onChange={(e) => e.currentTarget.value && void desk.act("floor.yield", { request: held.id, to: e.currentTarget.value })}>
      <option value="">{t("action.yield")}</option>
      {others.map((p) => <option key={p.person} value={p.person}>{p.name}</option>)}
    </select>
  );
}
