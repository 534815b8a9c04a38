import { t } from "../i18n";
import { notice } from "../state/notices";
import { problem, reading, screen } from "../state/session";
import { wake } from "../state/wake";
import { Message } from "./Message";
import { LeaveQuestion } from "./LeaveQuestion";
import { lazily } from "./lazily";
import { LiveRegions } from "./LiveRegions";
import { RoomPage } from "./RoomPage";
import { SeatPage } from "./seat/SeatPage";
import { UpgradeNote } from "./UpgradeNote";

/** Few have these screens, so their code is no part of the first load. */
const HealthPage = lazily(() => import("./health/HealthPage"));
const RecordPage = lazily(() => import("./record/RecordPage"));
const CheckPage = lazily(() => import("./seat/CheckPage"));
const HallPage = lazily(() => import("./hall/HallPage"));

/** The page: one screen at a time, the notice and the live region over all of them. */
export function App() {
  // In a room the proceedings stand beside the stage.
  const room = screen.value === "room" ? null : reading.value;
  return (
    <>
      {room !== null ? <RecordPage room={room} /> : <Screen />}
      {screen.value !== "room" && screen.value !== "hall" && <UpgradeNote />}
      <LeaveQuestion />
      {notice.value && screen.value !== "hall" && <p class={`notice ${notice.value.tone}`}>{notice.value.text}</p>}
      <LiveRegions />
    </>
  );
}

function Screen() {
  const again = { label: t("app.retry_now"), does: wake };
  switch (screen.value) {
    case "opening":
      return (
        <main class="message">
          <h1>{t("app.name")}</h1>
          <p role="status">{t("app.loading")}</p>
        </main>
      );
    case "no_link":
      return <Message title={t("link.none.title")} body={t("link.none.body")} />;
    case "bad_link":
      return <Message title={t("link.bad.title")} body={t("link.bad.body", { detail: problem.value })} />;
    case "unreachable":
      return <Message title={t("link.network.title")} body={t("link.network.body")} action={again} />;
    case "unauthorized":
      return <Message title={t("trouble.unauthorized.title")} body={t("trouble.unauthorized.body")} />;
    case "seat":
      return <SeatPage />;
    case "check":
      return <CheckPage />;
    case "health":
      return <HealthPage />;
    case "room":
      return <RoomPage />;
    case "hall":
      return <HallPage />;
  }
}
