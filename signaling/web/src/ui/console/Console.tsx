import type { ComponentChildren } from "preact";
import { t } from "../../i18n";
import { isPresent, nameOf } from "../../model/names";
import { listed, passed, waiting } from "../../model/order";
import type { FloorRequest, Room } from "../../model/types";
import { you } from "../../state/room";
import { ChairControls } from "./ChairControls";
import { Entry } from "./Entry";
import { Holder } from "./Holder";
import { ListControls } from "./ListControls";

/** The moderator's console: the holders, the list, the requests not listed or passed over, and the chair. */
export function Console({ room }: { room: Room }) {
  const entries = listed(room.floor);
  return (
    <section class="panel console" data-testid="console">
      <NotInTheChair room={room} />
      <ChairOnly room={room}>
        {room.floor.granted.map((request) => <Holder key={request.id} room={room} request={request} />)}
        <div class="head"><h2>{t("order.title")}</h2><span class="dim">{t(`policy.${room.floor.policy}`)}</span></div>
        <ListControls room={room} />
        {entries.length === 0 && <p class="empty">{t("order.empty")}</p>}
        <ol class="order" data-testid="order-list">
          {entries.map((request, index) => <Entry key={request.id} room={room} request={request} place={{ index, entries }} />)}
        </ol>
        <Group title={t("order.waiting")} entries={waiting(room.floor)} room={room} />
        <Group title={t("order.passed")} entries={passed(room.floor)} room={room} />
      </ChairOnly>
      <ChairControls room={room} />
    </section>
  );
}

function Group({ title, entries, room }: { title: string; entries: FloorRequest[]; room: Room }) {
  if (entries.length === 0) return null;
  return (
    <>
      <h3>{title} <span class="count">{entries.length}</span></h3>
      <ul class="order">{entries.map((request) => <Entry key={request.id} room={room} request={request} />)}</ul>
    </>
  );
}

/** Whether a moderator's commands are accepted: they are in the chair, or nobody is. */
export function mayChair(room: Room): boolean {
  const chair = room.floor.chair;
  return !chair || chair === you.value?.person;
}

/** Controls for the acting chair alone. Other moderators see them disabled. */
export function ChairOnly({ room, children }: { room: Room; children: ComponentChildren }) {
  return <fieldset class="bare" disabled={!mayChair(room)}>{children}</fieldset>;
}

function NotInTheChair({ room }: { room: Room }) {
  const chair = room.floor.chair;
  if (!chair || mayChair(room)) return null;
  const name = nameOf(room, chair);
  return <p class="note" role="note">{t(isPresent(room, chair) ? "console.other_chairs" : "console.chair_gone", { name })}</p>;
}
