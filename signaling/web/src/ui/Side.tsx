import { useSignal } from "@preact/signals";
import { t, type Key } from "../i18n";
import type { Role, Room, You } from "../model/types";
import { missing, urgent, waiting } from "../model/order";
import { Agenda } from "./Agenda";
import { conference } from "../state/session";
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

const ALL: Tab[] = ["order", "agenda", "decisions", "chat"];
const CHAIR: Tab[] = ["order", "agenda", "decisions", "people", "rules", "chat"];

/** What stands beside the stage, by what one is here for. */
export function Side({ room, you }: { room: Room; you: You }) {
  const tab = useSignal<Tab>("order");
  const chairs = you.role === "moderator";
  const asked = chairs ? waiting(room.floor).length + urgent(room.floor).length + missing(room.floor).length : 0;
  const counts: Partial<Record<Tab, number>> = { order: asked, decisions: room.decisions.filter((d) => d.state === "open").length };
  const tabs = (chairs ? CHAIR : ALL).map((id) => ({ id, words: t(`room.tab_${id}`), count: counts[id] }));
  const label: Key = chairs ? "console.title" : "room.side";
  return (
    <aside class={`side ${chairs ? "chairing" : ""}`} aria-label={t(label)}>
      <Tabs label={t(label)} tabs={tabs} chosen={tab.value} choose={(id) => (tab.value = id)}>
        <Panel tab={tab.value} room={room} role={you.role} you={you} />
      </Tabs>
    </aside>
  );
}

function Panel({ tab, room, role, you }: { tab: Tab; room: Room; role: Role; you: You }) {
  switch (tab) {
    case "order": return role === "moderator" ? <Console room={room} /> : <>{role === "clerk" && <ClerkDesk room={room} />}<OrderList /></>;
    case "agenda": return role === "moderator" ? <AgendaDesk room={room} /> : <section class="panel"><h2>{t("agenda.title")}</h2><Agenda items={room.agenda.items} zone={conference.value?.time_zone ?? "UTC"} /></section>;
    case "decisions": return <Decisions room={room} you={you} />;
    case "people": return <People room={room} />;
    case "rules": return <Rules floor={room.floor} />;
    case "chat": return <Chat />;
  }
}
