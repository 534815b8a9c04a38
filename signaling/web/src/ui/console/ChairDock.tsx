import { Megaphone, Undo2 } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { nameOf } from "../../model/names";
import { doneBy, secondsLeft, type Undoable } from "../../model/undo";
import type { Room } from "../../model/types";
import { consoleCommands, orderCommands } from "../../state/commands";
import { announce } from "../../state/notices";
import { may } from "../../state/permissions";
import { orderRest } from "../../state/rest";
import { beneficiaryOf, undoable } from "../../state/undo";
import { Icon } from "../Icon";
import { useNow } from "../useNow";
import { mayChair } from "./Console";

const HOLD_KEYS = [" ", "Enter"];

/** Beside *Next*, always in view: chair priority while it is held, and the way back from the last press. */
export function ChairDock({ room }: { room: Room }) {
  return (
    <div class="dock-requests dock-chair">
      <Priority room={room} />
      {may.value.has("floor.undo") && <Undo room={room} />}
    </div>
  );
}

/** Everybody else is paused for as long as the button, or a key on it, is held. */
function Priority({ room }: { room: Room }) {
  const pressed = useRef(false);
  const holding = useRef(false);
  const held = room.floor.chair_priority === true;
  const rests = orderRest.rests.value;
  const idle = !mayChair(room) || room.floor.chair === null;
  const begin = () => {
    if (idle || holding.current) return;
    pressed.current = true;
    if (orderRest.rests.value) return;
    holding.current = true;
    void orderRest.press(() => consoleCommands.execute("chair.priority_on"));
  };
  // A press that is still held when the buttons have rested counts from then on.
  useEffect(() => {
    if (!rests && pressed.current) begin();
  }, [rests]);
  // Letting go ends it whether the buttons rest or not: nobody stays silenced by a rest.
  const end = () => {
    pressed.current = false;
    if (!holding.current) return;
    holding.current = false;
    void orderRest.always(() => consoleCommands.execute("chair.priority_off"));
  };
  return (
    <button
      type="button"
      class={`dock-button priority ${held ? "held" : ""}`}
      aria-pressed={held}
      aria-disabled={idle || (rests && !held)}
      data-testid="priority"
      aria-label={t(held ? "console.priority_off" : "console.priority_on")}
      title={t("console.priority_on")}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        begin();
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={(e) => HOLD_KEYS.includes(e.key) && !e.repeat && begin()}
      onKeyUp={(e) => HOLD_KEYS.includes(e.key) && end()}
      onBlur={end}
    >
      <span class="dock-icon">
        <Icon of={Megaphone} />
      </span>
      <span class="dock-words">{t("console.priority")}</span>
    </button>
  );
}

/** Takes back the last press on the order, while there is time. It keeps its place while there is nothing to undo. */
function Undo({ room }: { room: Room }) {
  const now = useNow(250);
  const what = undoable.value;
  const seconds = secondsLeft(what, now);
  const words = what && seconds > 0 ? undoWords(room, what) : null;
  useEffect(() => {
    if (words) announce(t("undo.offered", { what: words }));
  }, [what?.id]);
  const idle = words === null || !mayChair(room);
  const press = () => {
    if (!idle) void orderCommands.execute("floor.undo", { of: what?.id });
  };
  const name = words ? t("undo.named", { what: words, seconds }) : t("undo.nothing");
  return (
    <button
      type="button"
      class="dock-button undo"
      aria-disabled={idle || orderRest.rests.value}
      aria-label={name}
      title={name}
      data-testid="undo"
      onClick={press}
    >
      <span class="dock-icon">
        <Icon of={Undo2} />
        {words && <b class="badge">{seconds}</b>}
      </span>
      <span class="dock-words">{t("undo.undo")}</span>
    </button>
  );
}

function undoWords(room: Room, what: Undoable): string {
  const person = beneficiaryOf(what.about);
  const done = doneBy(what);
  return person && done !== "order" ? t(`undo.${done}`, { name: nameOf(room, person) }) : t("undo.order");
}
