import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { ordinal } from "../../i18n/format";
import { listed, moveTo, placeAfter } from "../../model/order";
import type { FloorRequest, Room } from "../../model/types";
import { placingCommands, orderCommands, type Commands } from "../../state/commands";
import { announce } from "../../state/notices";
import { orderRest } from "../../state/rest";
import { OrderButton } from "./OrderButton";

/** The entry that is being dragged, and the one it is over. */
export const dragged = signal<{ id: string; name: string } | null>(null);
const over = signal<string | null>(null);
/** Whether a dropped entry is on its way to its place: rows that are held are drawn anew for it. */
export const landing = signal(false);
/** The control that moved an entry by keyboard. It keeps the focus when the list is drawn anew. */
let focusKeeper: { id: string; control: string } | null = null;

/** Moves an entry, and announces it. */
async function move(id: string, to: number, name: string, room: Room, commands: Commands): Promise<void> {
  const asked = moveTo(listed(room.floor), id, to);
  if (asked && (await commands.execute(asked.type, asked.fields)))
    announce(t("console.moved", { name, place: ordinal(to + 1) }));
}

interface Props {
  room: Room;
  request: FloorRequest;
  name: string;
}

/**
 * The handle of an entry: dragged by mouse, moved by the arrow keys (WCAG 2.5.7 asks for a way without dragging). It is
 * no button element, because Firefox starts no drag from one. A key moves the same entry again as soon as the new order is
 * drawn: it does not rest for a second, because no other entry can come under a key.
 */
export function Grip({ room, request, name, position }: Props & { position: number | null }) {
  const ref = useRef<HTMLSpanElement>(null);
  useKeptFocus(request.id, "grip", ref);
  const key = (e: KeyboardEvent) => {
    const entries = listed(room.floor);
    const index = entries.findIndex(({ id }) => id === request.id);
    const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: entries.length - 1 }[e.key];
    if (to === undefined || index < 0) return;
    e.preventDefault();
    focusKeeper = { id: request.id, control: "grip" };
    void move(request.id, to, name, room, placingCommands);
  };
  const place = position ?? request.position ?? 0;
  return (
    <span
      ref={ref}
      role="button"
      tabIndex={0}
      class="grip"
      aria-disabled={orderRest.busy.value}
      aria-label={t("console.grip", { name, place: ordinal(place) })}
      onKeyDown={key}
    >
      <span aria-hidden="true" class="dots">
        ⠿
      </span>
      {position ?? "–"}
    </span>
  );
}

/** Buttons that move an entry up or down. */
export function MoveButtons(props: Props & { idle: boolean }) {
  return (
    <span class="split">
      <MoveButton control="up" symbol="↑" by={-1} {...props} />
      <MoveButton control="down" symbol="↓" by={1} {...props} />
    </span>
  );
}

function MoveButton({
  control,
  symbol,
  by,
  room,
  request,
  name,
  idle,
}: Props & { control: "up" | "down"; symbol: string; by: number; idle: boolean }) {
  const box = useRef<HTMLSpanElement>(null);
  useKeptFocus(request.id, control, box);
  const entries = listed(room.floor);
  const to = entries.findIndex(({ id }) => id === request.id) + by;
  const press = () => {
    focusKeeper = { id: request.id, control };
    void move(request.id, to, name, room, orderCommands);
  };
  const end = placeAfter(entries, request.id, to) === null;
  return (
    <span ref={box} class="one">
      <OrderButton
        class="square"
        inRow
        idle={idle || end}
        name={t("console.about", { action: t(`console.${control}`), name })}
        press={press}
      >
        <span aria-hidden="true">{symbol}</span>
      </OrderButton>
    </span>
  );
}

/** Gives the focus back to a control whose entry has moved: a moved element loses it. */
function useKeptFocus(id: string, control: string, ref: { current: HTMLElement | null }): void {
  useEffect(() => {
    if (focusKeeper?.id !== id || focusKeeper.control !== control) return;
    if (document.activeElement !== document.body) return;
    (ref.current?.querySelector("button") ?? ref.current)?.focus();
  });
}

/** Makes a listed entry a drop target: the dropped entry takes its place. */
export function useDrop(target: FloorRequest | null, name: string, room: Room) {
  if (!target) return { over: false, handlers: {} };
  const { id } = target;
  const handlers = {
    draggable: true,
    onDragStart: (e: DragEvent) => {
      e.dataTransfer?.setData("text/plain", id);
      dragged.value = { id, name };
    },
    onDragEnd: () => {
      dragged.value = null;
      over.value = null;
    },
    onDragOver: (e: DragEvent) => {
      if (dragged.value === null) return;
      e.preventDefault();
      over.value = id;
    },
    onDrop: (e: DragEvent) => {
      e.preventDefault();
      const moving = dragged.value;
      const to = listed(room.floor).findIndex((entry) => entry.id === id);
      if (moving && to >= 0) {
        landing.value = true;
        void move(moving.id, to, moving.name, room, placingCommands).finally(() => (landing.value = false));
      }
      dragged.value = null;
      over.value = null;
    },
  };
  return { over: over.value === id && dragged.value?.id !== id, handlers };
}
