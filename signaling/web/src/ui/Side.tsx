import { X } from "lucide";
import { useEffect } from "preact/hooks";
import { t, type Key } from "../i18n";
import type { Room } from "../model/types";
import { absences, urgent, waiting } from "../model/order";
import { actsOnBehalf } from "../model/permissions";
import { recordedSpeech } from "../model/recording";
import { panel, shape, sheetOpen, tabs as ownTabs, type Panel as Tab } from "../state/panels";
import { Agenda } from "./Agenda";
import { BoothPanel } from "./booth/BoothPanel";
import { Icon } from "./Icon";
import { unreadMessages } from "../state/messages";
import { may } from "../state/permissions";
import { you } from "../state/room";
import { conference, reading } from "../state/session";
import { AgendaDesk } from "./console/AgendaDesk";
import { ClerkDesk } from "./ClerkDesk";
import { Chat } from "./Chat";
import { Console } from "./console/Console";
import { ConsoleHead } from "./console/ConsoleHead";
import { Decisions } from "./decisions/Decisions";
import { OrderList } from "./OrderList";
import { People } from "./console/People";
import { RecordingsFold } from "./console/RecordingsFold";
import { RecordingSwitch } from "./recorded/RecordingSwitch";
import { Rules } from "./console/Rules";
import { Roster } from "./Roster";
import { Tabs } from "./Tabs";
import { lazily } from "./lazily";

const RecordPage = lazily(() => import("./record/RecordPage"));

/** The panels beside the stage, by what the participant may do. Where space is short they cover the stage when asked for. */
export function Side({ room }: { room: Room }) {
  const chairs = may.value.has("chair.take");
  const interprets = may.value.has("channel.take");
  useEffect(() => {
    if (interprets) panel.value = "booth";
  }, [interprets]);
  const { floor } = room;
  const stalled = recordedSpeech(floor)?.recorded.stall ? 1 : 0;
  const asked = chairs ? waiting(floor).length + urgent(floor).length + absences(floor).length + stalled : 0;
  const counts: Partial<Record<Tab, number>> = {
    order: asked,
    decisions: room.decisions.filter((d) => d.state === "open").length,
    chat: unreadMessages.value,
  };
  const tabs = ownTabs.value.map((id) => ({ id, words: t(`room.tab_${id}`), count: counts[id] }));
  const chosen = tabs.some(({ id }) => id === panel.value) ? panel.value : "order";
  const label: Key = chairs ? "console.title" : "room.side";
  const covers = shape.value !== "wide";
  return (
    <aside
      id="side"
      class={`side ${chairs ? "chairing" : ""}`}
      aria-label={t(label)}
      hidden={covers && !sheetOpen.value && reading.value === null}
      onKeyDown={(e) => covers && e.key === "Escape" && closeSheet()}
    >
      {chairs && <ConsoleHead room={room} />}
      {reading.value !== null ? (
        <RecordPage room={reading.value} beside />
      ) : (
        <div class="side-tabs">
          <Tabs label={t(label)} tabs={tabs} chosen={chosen} choose={(id) => (panel.value = id)}>
            <Panel tab={chosen} room={room} />
          </Tabs>
        </div>
      )}
      {covers && reading.value === null && (
        <button type="button" class="quiet side-close" aria-label={t("dock.close")} onClick={closeSheet}>
          <Icon of={X} />
        </button>
      )}
    </aside>
  );
}

/** Hides the sheet, and gives the focus back to the button that had opened it. */
function closeSheet(): void {
  const opener =
    document.querySelector<HTMLElement>(`[data-testid="dock-${panel.value}"]`) ??
    document.querySelector<HTMLElement>('[data-testid="dock-order"]');
  sheetOpen.value = false;
  opener?.focus();
}

function Panel({ tab, room }: { tab: Tab; room: Room }) {
  switch (tab) {
    case "booth":
      return you.value && <BoothPanel room={room} you={you.value} />;
    case "order":
      return may.value.has("chair.take") ? (
        <Console room={room} />
      ) : (
        <>
          {actsOnBehalf(may.value) && <ClerkDesk room={room} />}
          <OrderList />
          <RecordingSwitch room={room} />
        </>
      );
    case "agenda":
      return may.value.has("agenda.start") ? (
        <AgendaDesk room={room} />
      ) : (
        <section class="panel">
          <h2>{t("agenda.title")}</h2>
          <Agenda items={room.agenda.items} zone={conference.value?.time_zone ?? "UTC"} />
          <RecordingsFold />
        </section>
      );
    case "decisions":
      return <Decisions room={room} />;
    case "people":
      return may.value.has("participant.remove") ? <People room={room} /> : <Roster room={room} />;
    case "rules":
      return <Rules floor={room.floor} />;
    case "chat":
      return <Chat />;
  }
}
