import { useSignal } from "@preact/signals";
import { t, type Key } from "../i18n";
import type { Room } from "../model/types";
import { absences, urgent, waiting } from "../model/order";
import { actsOnBehalf } from "../model/permissions";
import { Agenda } from "./Agenda";
import { may } from "../state/permissions";
import { conference } from "../state/session";
import type { Permission } from "../wire/generated/socket";
import { AgendaDesk } from "./console/AgendaDesk";
import { ClerkDesk } from "./ClerkDesk";
import { Chat } from "./Chat";
import { Console } from "./console/Console";
import { Decisions } from "./decisions/Decisions";
import { OrderList } from "./OrderList";
import { People } from "./console/People";
import { Rules } from "./console/Rules";
import { Tabs } from "./Tabs";

type Tab = "order" | "agenda" | "decisions" | "people" | "rules" | "chat";

/** The tabs in their order, each with the permission without which it is not shown. */
const TABS: { id: Tab; needs?: Permission }[] = [
  { id: "order" }, { id: "agenda" }, { id: "decisions" }, { id: "people", needs: "participant.remove" }, { id: "rules", needs: "floor.set" }, { id: "chat" },
];

/** The panels beside the stage, by what the participant may do. */
export function Side({ room }: { room: Room }) {
  const tab = useSignal<Tab>("order");
  const chairs = may.value.has("chair.take");
  const asked = chairs ? waiting(room.floor).length + urgent(room.floor).length + absences(room.floor).length : 0;
  const counts: Partial<Record<Tab, number>> = { order: asked, decisions: room.decisions.filter((d) => d.state === "open").length };
  const tabs = TABS.filter(({ needs }) => !needs || may.value.has(needs)).map(({ id }) => ({ id, words: t(`room.tab_${id}`), count: counts[id] }));
  const label: Key = chairs ? "console.title" : "room.side";
  return (
    <aside class={`side ${chairs ? "chairing" : ""}`} aria-label={t(label)}>
      <Tabs label={t(label)} tabs={tabs} chosen={tab.value} choose={(id) => (tab.value = id)}>
        <Panel tab={tab.value} room={room} />
      </Tabs>
    </aside>
  );
}

function Panel({ tab, room }: { tab: Tab; room: Room }) {
  switch (tab) {
    case "order": return may.value.has("chair.take") ? <Console room={room} /> : <>{actsOnBehalf(may.value) && <ClerkDesk room={room} />}<OrderList /></>;
    case "agenda": return may.value.has("agenda.start") ? <AgendaDesk room={room} /> : <section class="panel"><h2>{t("agenda.title")}</h2><Agenda items={room.agenda.items} zone={conference.value?.time_zone ?? "UTC"} /></section>;
    case "decisions": return <Decisions room={room} />;
    case "people": return <People room={room} />;
    case "rules": return <Rules floor={room.floor} />;
    case "chat": return <Chat />;
  }
}
