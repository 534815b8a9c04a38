import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { ordinal } from "../../i18n/format";
import { moveTo, placeAfter } from "../../model/order";
import type { FloorRequest } from "../../model/types";
import type { Desk } from "../../state/act";
import { announce } from "../../state/notices";

/** Where an entry stands among the listed ones. */
export interface Place {
  index: number;
  entries: FloorRequest[];
}

/** The entry that is being dragged, and the one it is over. */
const dragged = signal<{ id: string; name: string } | null>(null);
const over = signal<string | null>(null);
/** The control that moved an entry by keyboard: it keeps the focus when the list is drawn anew. */
let kept: { id: string; control: string } | null = null;

/** Moves an entry. What overrides the policy, the room records and shows at the entry. */
async function move(id: string, to: number, name: string, place: Place, desk: Desk): Promise<void> {
  const asked = moveTo(place.entries, id, to);
  if (asked && (await desk.act(asked.type, asked.fields))) announce(t("console.moved", { name, place: ordinal(to + 1) }));
}

interface Props {
  request: FloorRequest;
  name: string;
  place: Place;
  desk: Desk;
}

/**
 * The handle of an entry: dragged by mouse, moved by the arrow keys (WCAG 2.5.7 has a way without dragging). No button
 * element: Firefox starts no drag from one.
 */
export function Grip({ request, name, place, desk }: Props) {
  const ref = useRef<HTMLSpanElement>(null);
  useKeptFocus(request.id, "grip", ref);
  const key = (e: KeyboardEvent) => {
    const to = { ArrowUp: place.index - 1, ArrowDown: place.index + 1, Home: 0, End: place.entries.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    kept = { id: request.id, control: "grip" };
    void move(request.id, to, name, place, desk);
  };
  return (
    <span ref={ref} role="button" tabIndex={0} class="grip" aria-label={t("console.grip", { name, place: ordinal(place.index + 1) })} onKeyDown={key}>
      <span aria-hidden="true" class="dots">⠿</span>{request.position}
    </span>
  );
}

/** The same by one press each. */
export function MoveButtons({ request, name, place, desk }: Props) {
  return (
    <span class="split">
      <MoveButton control="up" symbol="↑" to={place.index - 1} {...{ request, name, place, desk }} />
      <MoveButton control="down" symbol="↓" to={place.index + 1} {...{ request, name, place, desk }} />
    </span>
  );
}

function MoveButton({ control, symbol, to, request, name, place, desk }: Props & { control: "up" | "down"; symbol: string; to: number }) {
  const ref = useRef<HTMLButtonElement>(null);
  useKeptFocus(request.id, control, ref);
  const press = () => {
    kept = { id: request.id, control };
    void move(request.id, to, name, place, desk);
  };
  // Not disabled at the ends: a control that was just used would lose the focus there.
  const end = placeAfter(place.entries, request.id, to) === null;
  return <button ref={ref} type="button" class="square" aria-disabled={end} aria-label={t("console.about", { action: t(`console.${control}`), name })} onClick={press}><span aria-hidden="true">{symbol}</span></button>;
}

/** An entry that moved takes its element along, and a moved element loses the focus: it is given back. */
function useKeptFocus(id: string, control: string, ref: { current: HTMLElement | null }): void {
  useEffect(() => {
    if (kept?.id !== id || kept.control !== control) return;
    if (document.activeElement === document.body) ref.current?.focus();
  });
}

/** Dropping another entry onto this one puts it in this one's place. */
export function useDrop(place: Place | undefined, name: string, desk: Desk) {
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
      if (moving) void move(moving.id, place.index, moving.name, place, desk);
      dragged.value = null;
      over.value = null;
    },
  };
  return { over: over.value === id && dragged.value?.id !== id, handlers };
}
