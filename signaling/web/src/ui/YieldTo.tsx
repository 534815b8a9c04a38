import { t } from "../i18n";
import { isPresent, namedIn, nameOf } from "../model/names";
import { delegatesIn } from "../model/permissions";
import type { Room, You } from "../model/types";
import type { Commands } from "../state/commands";

/** Where the rules allow it, a holder may ask to yield the remaining time; the chair decides. */
export function YieldTo({ room, you, commands }: { room: Room; you: You; commands: Commands }) {
  const held = room.floor.granted.find((g) => g.beneficiary === you.person);
  if (!held || held.kind === "address" || !room.floor.settings.yielding) return null;
  if (held.yields_to)
    return <span class="dim">{t("action.yielding", { name: nameOf(room, held.yields_to.person) })}</span>;
  const others = delegatesIn(room).filter((p) => p.person !== you.person && isPresent(room, p.person));
  return (
    <select
      aria-label={t("action.yield")}
      value=""
      onChange={(e) =>
        e.currentTarget.value && void commands.execute("floor.yield", { request: held.id, to: e.currentTarget.value })
      }
    >
      <option value="">{t("action.yield")}</option>
      {others.map((p) => (
        <option key={p.person} value={p.person}>
          {namedIn(p)}
        </option>
      ))}
    </select>
  );
}
