import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { t } from "../../i18n";
import { displaces, drawNext, rowsOf, type Drawn, type Rows } from "../../model/rows";
import type { FloorRequest, Room } from "../../model/types";
import { rowsRest } from "../../state/rest";
import { useNow } from "../useNow";
import { Entry } from "./Entry";
import { dragged, landing } from "./reorder";

/**
 * The listed requests, those not listed, and those passed over. While the mouse is over them every row keeps its place, until
 * it leaves or a key is pressed.
 */
export function OrderRows({ room }: { room: Room }) {
  const box = useRef<HTMLDivElement>(null);
  const held = useHold(box);
  const drawn = useDrawn(room, (held.value && !landing.value) || dragged.value !== null);
  const rows = rowsOf(drawn.room.floor);
  useRestWhenMoved(rows);
  useKeptInside(box, rows);
  const isOutdated = held.value && displaces(rows, rowsOf(room.floor));
  const entry = (request: FloorRequest) => <Entry key={request.id} room={room} drawn={drawn} request={request} />;
  return (
    <div ref={box} class="rows" tabIndex={-1} data-testid="rows">
      {/* Laid over the margin above the rows: its coming and going moves none of them. */}
      {isOutdated && (
        <p class="outdated" role="status">
          {t("order.outdated")}
        </p>
      )}
      {rows.listed.length === 0 && <p class="empty">{t("order.empty")}</p>}
      <ol class="order" data-testid="order-list">
        {rows.listed.map(entry)}
      </ol>
      <Group title={t("order.waiting")} count={rows.waiting.length}>
        {rows.waiting.map(entry)}
      </Group>
      <Group title={t("order.passed")} count={rows.passed.length}>
        {rows.passed.map(entry)}
      </Group>
      <Group title={t("order.added")} count={drawn.added.length}>
        {drawn.added.map(entry)}
      </Group>
    </div>
  );
}

/** Whether the mouse is over the rows, and was moved since the last key: a mouse that lies there holds nothing for a keyboard. */
function useHold(box: { current: HTMLElement | null }): Signal<boolean> {
  const held = useSignal(false);
  useEffect(() => {
    const list = box.current;
    const hold = (on: boolean) => {
      if (held.value === on) return;
      keepSizes(list, on);
      held.value = on;
    };
    // A row that comes under a mouse that lies still causes a move of no distance.
    const moved = (e: PointerEvent) => {
      if (e.type === "pointerdown" || e.movementX !== 0 || e.movementY !== 0) hold(e.pointerType !== "touch");
    };
    const left = () => hold(false);
    const key = () => hold(false);
    list?.addEventListener("pointermove", moved);
    list?.addEventListener("pointerdown", moved);
    list?.addEventListener("pointerleave", left);
    addEventListener("keydown", key, true);
    return () => {
      list?.removeEventListener("pointermove", moved);
      list?.removeEventListener("pointerdown", moved);
      list?.removeEventListener("pointerleave", left);
      removeEventListener("keydown", key, true);
    };
  }, []);
  return held;
}

function Group({ title, count, children }: { title: string; count: number; children: ComponentChildren }) {
  if (count === 0) return null;
  return (
    <>
      <h3>
        {title} <span class="count">{count}</span>
      </h3>
      <ul class="order">{children}</ul>
    </>
  );
}

/** What the rows are drawn from: the room as it is, or as it was when the rows began to be held. */
function useDrawn(room: Room, held: boolean): Drawn {
  const at = useNow(30_000);
  const drawn = useRef<Drawn>({ room, at, added: [] });
  drawn.current = drawNext(drawn.current, room, at, held);
  return drawn.current;
}

/** The buttons of the rows rest for a second once rows have moved under them. */
function useRestWhenMoved(rows: Rows): void {
  const before = useRef(rows);
  useLayoutEffect(() => {
    if (displaces(before.current, rows)) rowsRest.changed();
    before.current = rows;
  });
}

/** The focus of a row that is gone goes to the list, and not to another entry's button. */
function useKeptInside(box: { current: HTMLElement | null }, rows: Rows): void {
  const hadFocus = useRef(false);
  useLayoutEffect(() => {
    const list = box.current;
    if (list && hadFocus.current && document.activeElement === document.body)
      setTimeout(() => document.activeElement === document.body && list.focus());
    hadFocus.current = list?.contains(document.activeElement) === true;
    const note = () => (hadFocus.current = list?.contains(document.activeElement) === true);
    // On the whole page: a focus that went from the list to another control is no longer the list's.
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, [rows]);
}

/** What a button says may change while its row is held, and must not change its size. */
function keepSizes(box: HTMLElement | null, held: boolean): void {
  for (const button of box?.querySelectorAll<HTMLElement>(".grant") ?? [])
    button.style.height = held ? `${button.getBoundingClientRect().height}px` : "";
}
