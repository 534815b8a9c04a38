import { t } from "../i18n";
import { enter, leave } from "../state/seat";
import { ended, link, room, you } from "../state/room";
import { conference } from "../state/session";
import { Connection } from "./Connection";
import { Controls } from "./Controls";
import { Message } from "./Message";
import { OnDeck } from "./OnDeck";
import { OpenDecision } from "./decisions/OpenDecision";
import { PointOfOrder } from "./PointOfOrder";
import { RoomHeader } from "./RoomHeader";
import { Side } from "./Side";
import { Stage } from "./Stage";
import { Tiles } from "./Tiles";
import { Voices } from "./Voices";

/** The room: stage, cities, order and main button; for moderators also the console. */
export function RoomPage() {
  const r = room.value;
  const me = you.value;
  const toSeat = { label: t("trouble.to_seat"), does: leave };
  if (link.value === "forbidden") return <SeatEnded />;
  if (link.value === "replaced") {
    const here = r && { label: t("trouble.here"), does: () => enter(r.id) };
    return <Message title={t("trouble.replaced.title")} body={t("trouble.replaced.body")} action={here ?? toSeat} />;
  }
  if (!r || !me) {
    return (
      <main class="message">
        <h1>{t("app.name")}</h1>
        <Connection />
        <button type="button" onClick={leave}>{t("trouble.to_seat")}</button>
      </main>
    );
  }
  return (
    <div class="room">
      <RoomHeader room={r} />
      <main>
        <PointOfOrder room={r} />
        <OpenDecision room={r} you={me} />
        <Stage />
        <OnDeck />
        <Tiles />
        <Voices />
        <Controls />
      </main>
      <Side room={r} />
    </div>
  );
}

/** The participant was removed, moved or never invited: what happened, and what to do. */
function SeatEnded() {
  const to = conference.value?.rooms.find((r) => r.id === ended.value?.to);
  if (to) return <Message title={t("trouble.moved.title")} body={t("trouble.moved.body", { room: to.title })} action={{ label: t("check.take_seat"), does: () => enter(to.id) }} />;
  const removed = ended.value?.reason === "removed";
  return <Message title={t("trouble.forbidden.title")} body={t(removed ? "trouble.removed" : "trouble.forbidden.body")} action={{ label: t("trouble.to_seat"), does: leave }} />;
}
