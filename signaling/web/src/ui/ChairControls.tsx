import { t } from "../i18n";
import type { Room } from "../model/types";
import { act, you } from "../state/room";

/** Who chairs, and chair priority while the button (or its key) is held. */
export function ChairControls({ room }: { room: Room }) {
  const me = you.value?.person;
  const priority = (on: boolean) => void act(on ? "chair.priority_on" : "chair.priority_off");
  const held = room.floor.chair_priority === true;
  if (room.floor.chair !== me) return <p><button type="button" onClick={() => void act("chair.take")}>{t("console.take_chair")}</button></p>;
  const others = room.participants.filter((p) => p.role === "moderator" && p.person !== me);
  return (
    <div class="actions chair">
      <button
        type="button" aria-pressed={held}
        onPointerDown={() => priority(true)} onPointerUp={() => priority(false)} onPointerCancel={() => priority(false)}
        onKeyDown={(e) => (e.key === " " || e.key === "Enter") && !e.repeat && priority(true)}
        onKeyUp={(e) => (e.key === " " || e.key === "Enter") && priority(false)}
        onBlur={() => held && priority(false)}
      >{t(held ? "console.priority_off" : "console.priority_on")}</button>
      {others.map((p) => <button key={p.person} type="button" onClick={() => void act("chair.hand_over", { to: p.person })}>{t("console.hand_over", { name: p.name })}</button>)}
    </div>
  );
}
