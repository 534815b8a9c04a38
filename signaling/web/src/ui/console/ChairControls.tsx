import { t } from "../../i18n";
import { isPresent } from "../../model/names";
import { moderatorsIn } from "../../model/permissions";
import type { Room } from "../../model/types";
import { useCommands } from "../../state/commands";
import { you } from "../../state/room";
import { Refusal } from "../Refusal";

const HOLD_KEYS = [" ", "Enter"];

/** The chair, and chair priority while the button or a key on it is held. */
export function ChairControls({ room }: { room: Room }) {
  const commands = useCommands();
  const me = you.value?.person;
  const { chair } = room.floor;
  const vacant = !chair || !isPresent(room, chair);
  return (
    <div class="chair">
      <h3>{t("console.chair")}</h3>
      {chair === me ? <InTheChair room={room} commands={commands} /> : vacant && <div class="actions"><button type="button" class="strong" onClick={() => void commands.execute("chair.take")}>{t("console.take_chair")}</button></div>}
      <Refusal commands={commands} />
    </div>
  );
}

function InTheChair({ room, commands }: { room: Room; commands: ReturnType<typeof useCommands> }) {
  const held = room.floor.chair_priority === true;
  const priority = (on: boolean) => void commands.execute(on ? "chair.priority_on" : "chair.priority_off");
  const others = moderatorsIn(room).filter((p) => p.person !== room.floor.chair);
  return (
    <div class="actions">
      <button
        type="button" class="priority" aria-pressed={held} data-testid="priority"
        onPointerDown={() => priority(true)} onPointerUp={() => priority(false)} onPointerCancel={() => held && priority(false)}
        onKeyDown={(e) => HOLD_KEYS.includes(e.key) && !e.repeat && priority(true)}
        onKeyUp={(e) => HOLD_KEYS.includes(e.key) && priority(false)}
        onBlur={() => held && priority(false)}
      >{t(held ? "console.priority_off" : "console.priority_on")}</button>
      {["open", "closed", "replies"].includes(room.floor.list.state) && <button type="button" onClick={() => void commands.execute("list.adjourn")}>{t("console.adjourn")}</button>}
      {others.map((p) => <button key={p.person} type="button" onClick={() => void commands.execute("chair.hand_over", { to: p.person })}>{t("console.hand_over", { name: p.name })}</button>)}
    </div>
  );
}
