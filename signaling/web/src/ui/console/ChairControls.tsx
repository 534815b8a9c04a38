import { t } from "../../i18n";
import { isPresent } from "../../model/names";
import type { Room } from "../../model/types";
import { useDesk } from "../../state/act";
import { you } from "../../state/room";
import { Refusal } from "../Refusal";

const HOLDING = [" ", "Enter"];

/** Who chairs, and chair priority while the button, or a key on it, is held. */
export function ChairControls({ room }: { room: Room }) {
  const desk = useDesk();
  const me = you.value?.person;
  const { chair } = room.floor;
  const vacant = !chair || !isPresent(room, chair);
  return (
    <div class="chair">
      <h3>{t("console.chair")}</h3>
      {chair === me ? <InTheChair room={room} desk={desk} /> : vacant && <div class="actions"><button type="button" class="strong" onClick={() => void desk.act("chair.take")}>{t("console.take_chair")}</button></div>}
      <Refusal desk={desk} />
    </div>
  );
}

function InTheChair({ room, desk }: { room: Room; desk: ReturnType<typeof useDesk> }) {
  const held = room.floor.chair_priority === true;
  const priority = (on: boolean) => void desk.act(on ? "chair.priority_on" : "chair.priority_off");
  const others = room.participants.filter((p) => p.role === "moderator" && p.person !== room.floor.chair);
  return (
    <div class="actions">
      <button
        type="button" class="priority" aria-pressed={held} data-testid="priority"
        onPointerDown={() => priority(true)} onPointerUp={() => priority(false)} onPointerCancel={() => held && priority(false)}
        onKeyDown={(e) => HOLDING.includes(e.key) && !e.repeat && priority(true)}
        onKeyUp={(e) => HOLDING.includes(e.key) && priority(false)}
        onBlur={() => held && priority(false)}
      >{t(held ? "console.priority_off" : "console.priority_on")}</button>
      {["open", "closed", "replies"].includes(room.floor.list.state) && <button type="button" onClick={() => void desk.act("list.adjourn")}>{t("console.adjourn")}</button>}
      {others.map((p) => <button key={p.person} type="button" onClick={() => void desk.act("chair.hand_over", { to: p.person })}>{t("console.hand_over", { name: p.name })}</button>)}
    </div>
  );
}
