import type { ComponentChildren } from "preact";
import { t } from "../../i18n";
import type { Room } from "../../model/types";
import { you } from "../../state/room";
import { RecordingSwitch } from "../recorded/RecordingSwitch";
import { ListControls, PlaceAll } from "./ListControls";
import { OrderRows } from "./OrderRows";

/** The moderator's console: the list of speakers, and the requests that are not on it. */
export function Console({ room }: { room: Room }) {
  return (
    <section class="panel console" data-testid="console">
      <ChairOnly room={room}>
        <div class="console-title">
          <h2>{t("order.title")}</h2>
          <span class="dim">{t(`policy.${room.floor.policy}`)}</span>
          <PlaceAll room={room} />
        </div>
        <ListControls room={room} />
        <RecordingSwitch room={room} />
        <OrderRows room={room} />
      </ChairOnly>
    </section>
  );
}

/** Whether a moderator's commands are accepted: they are in the chair, or nobody is. */
export function mayChair(room: Room): boolean {
  const chair = room.floor.chair;
  return !chair || chair === you.value?.person;
}

/** Controls for the acting chair alone. Other moderators see them disabled. */
export function ChairOnly({ room, children }: { room: Room; children: ComponentChildren }) {
  return (
    <fieldset class="bare" disabled={!mayChair(room)}>
      {children}
    </fieldset>
  );
}
