import { t } from "../i18n";
import { announcement, notice } from "../state/notices";
import { problem, reading, screen } from "../state/session";
import { HealthPage } from "./health/HealthPage";
import { Message } from "./Message";
import { RecordPage } from "./record/RecordPage";
import { RoomPage } from "./RoomPage";
import { SeatPage } from "./SeatPage";

/** The page: one screen at a time, the notice and the live region over all of them. */
export function App() {
  const { value: room } = reading;
  return (
    <>
      {/* The screen underneath stays: a moderator who reads the record still hears the room. */}
      <div hidden={room !== null}><Screen /></div>
      {room !== null && <RecordPage room={room} />}
      {notice.value && <p class={`notice ${notice.value.tone}`} role={notice.value.tone === "refused" ? "alert" : "status"}>{notice.value.text}</p>}
      <div class="hidden" aria-live="polite" role="status">{announcement.value}</div>
    </>
  );
}

function Screen() {
  const reload = { label: t("app.retry"), does: () => location.reload() };
  switch (screen.value) {
    case "opening": return <main class="message"><h1>{t("app.name")}</h1><p role="status">{t("app.loading")}</p></main>;
    case "no_link": return <Message title={t("link.none.title")} body={t("link.none.body")} />;
    case "bad_link": return <Message title={t("link.bad.title")} body={t("link.bad.body", { detail: problem.value })} />;
    case "unreachable": return <Message title={t("link.network.title")} body={t("link.network.body")} action={reload} />;
    case "unauthorized": return <Message title={t("trouble.unauthorized.title")} body={t("trouble.unauthorized.body")} />;
    case "seat": return <SeatPage />;
    case "health": return <HealthPage />;
    case "room": return <RoomPage />;
  }
}
