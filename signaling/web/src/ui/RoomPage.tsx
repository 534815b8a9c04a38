import { t } from "../i18n";
import { enter, leave } from "../state/seat";
import { ended, link, room, you } from "../state/room";
import { conference } from "../state/session";
import { Connection } from "./Connection";
import { Message } from "./Message";
import { Shell } from "./shell/Shell";
import { titleOf } from "../model/names";

/** The room, or why the participant is not in it. */
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
        <button type="button" onClick={leave}>
          {t("trouble.to_seat")}
        </button>
      </main>
    );
  }
  return <Shell room={r} you={me} />;
}

/** The participant was removed, moved or never invited: what happened, and what to do. */
function SeatEnded() {
  const to = conference.value?.rooms.find((r) => r.id === ended.value?.to);
  if (to)
    return (
      <Message
        title={t("trouble.moved.title")}
        body={t("trouble.moved.body", { room: titleOf(to) })}
        action={{ label: t("check.take_seat"), does: () => enter(to.id) }}
      />
    );
  const removed = ended.value?.reason === "removed";
  return (
    <Message
      title={t("trouble.forbidden.title")}
      body={t(removed ? "trouble.removed" : "trouble.forbidden.body")}
      action={{ label: t("trouble.to_seat"), does: leave }}
    />
  );
}
