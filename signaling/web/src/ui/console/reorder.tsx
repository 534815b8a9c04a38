import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { ordinal } from "../../i18n/format";
import { moveTo, placeAfter } from "../../model/order";
import type { FloorRequest } from "../../model/types";
import type { Commands } from "../../state/commands";
import { announce } from "../../state/notices";

/** The place of an entry in the list. */
export interface ListPlace {
  index: number;
  entries: FloorRequest[];
}

/** The entry that is being dragged, and the one it is over. */
const dragged = signal<{ id: string; name: string } | null>(null);
const over = signal<string | null>(null);
/** The control that moved an entry by keyboard. It keeps the focus when the list is drawn anew. */
let focusKeeper: { id: string; control: string } | null = null;

/** Moves an entry, and announces it. */
async function move(id: string, to: number, name: string, place: ListPlace, commands: Commands): Promise<void> {
  const asked = moveTo(place.entries, id, to);
  if (asked && (await commands.execute(asked.type, asked.fields))) announce(t("console.moved", { name, place: ordinal(to + 1) }));
}

interface Props {
  request: FloorRequest;
  name: string;
  place: ListPlace;
  commands: Commands;
}

/**
 * The handle of an entry: dragged by mouse, moved by the arrow keys (WCAG 2.5.7 asks for a way without dragging). It is
 * no button element, because Firefox starts no drag from one.
 */
export function Grip({ request, name, place, commands }: Props) {
  const ref = useRef<HTMLSpanElement>(null);
  useKeptFocus(request.id, "grip", ref);
  const key = (e: KeyboardEvent) => {
    const to = { ArrowUp: place.index - 1, ArrowDown: place.index + 1, Home: 0, End: place.entries.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    focusKeeper = { id: request.id, control: "grip" };
    void move(request.id, to, name, place, commands);
  };
  return (
    <span ref={ref} role="button" tabIndex={0} class="grip" aria-label={t("console.grip", { name, place: ordinal(place.index + 1) })} onKeyDown={key}>
      <span aria-hidden="true" class="dots">⠿</span>{request.position}
    </span>
  );
}

/** Buttons that move an entry up or down. */
export function MoveButtons({ request, name, place, commands }: Props) {
  return (
    <span class="split">
      <MoveButton control="up" symbol="↑" to={place.index - 1} {...{ request, name, place, commands }} />
      <MoveButton control="down" symbol="↓" to={place.index + 1} {...{ request, name, place, commands }} />
    </span>
  );
}

function MoveButton({ control, symbol, to, request, name, place, commands }: Props & { control: "up" | "down"; symbol: string; to: number }) {
  const ref = useRef<HTMLButtonElement>(null);
  useKeptFocus(request.id, control, ref);
  const press = () => {
    focusKeeper = { id: request.id, control };
    void move(request.id, to, name, place, commands);
  };
  // Not disabled at the ends, because a disabled button would lose the focus.
  const end = placeAfter(place.entries, request.id, to) === null;
  return <button ref={ref} type="button" class="square" aria-disabled={end} aria-label={t("console.about", { action: t(`console.${control}`), name })} onClick={press}><span aria-hidden="true">{symbol}</span></button>;
}

/** Gives the focus back to a control whose entry has moved: a moved element loses it. */
function useKeptFocus(id: string, control: string, ref: { current: HTMLElement | null }): void {
  useEffect(() => {
    if (focusKeeper?.id !== id || focusKeeper.control !== control) return;
    if (document.activeElement === document.body) ref.current?.focus();
  });
}

/** Makes an entry a drop target: the dropped entry takes its place. */
export function useDrop(place: ListPlace | undefined, name: string, commands: Commands) {
  if (!place) return { over: false, handlers: {} };
  const id = place.entries[place.index]?.id ?? "";
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
      if (moving) void move(moving.id, place.index, moving.name, place, commands);
      dragged.value = null;
      over.value = null;
    },
  };
  return { over: over.value === id && dragged.value?.id !== id, handlers };
}
