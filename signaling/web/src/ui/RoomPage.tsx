import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { ordinal } from "../i18n/format";
import { nameOf } from "../model/names";
import { enter, leave, link, room, you } from "../state/room";
import { conference } from "../state/session";
import { Agenda } from "./Agenda";
import { Chat } from "./Chat";
import { Connection } from "./Connection";
import { Console } from "./Console";
import { Controls } from "./Controls";
import { LanguageSwitch } from "./LanguageSwitch";
import { Message } from "./Message";
import { OrderList } from "./OrderList";
import { Stage } from "./Stage";
import { Tiles } from "./Tiles";
import { Voices } from "./Voices";

/** The room: stage, cities, order, one main button; and the console for those who chair. */
export function RoomPage() {
  const r = room.value;
  const me = you.value;
  const toSeat = { label: t("trouble.to_seat"), does: leave };
  const here = r && { label: t("trouble.here"), does: () => enter(r.id) };
  if (link.value === "forbidden") return <Message title={t("trouble.forbidden.title")} body={t("trouble.forbidden.body")} action={toSeat} />;
  if (link.value === "replaced") return <Message title={t("trouble.replaced.title")} body={t("trouble.replaced.body")} action={here ?? toSeat} />;
  if (!r || !me) return <main class="message"><h1>{t("app.name")}</h1><p role="status">{t(link.value === "reconnecting" ? "trouble.reconnecting" : "link.state.connecting")}</p><button type="button" onClick={leave}>{t("trouble.to_seat")}</button></main>;
  return (
    <div class="room">
      <header class="top">
        <img src="/mark.svg" alt="" width="32" height="32" />
        <div><h1>{r.title}</h1><span class="dim">{conference.value?.name} · {r.floor.chair ? t("room.chair_of", { name: nameOf(r, r.floor.chair) }) : t("room.no_chair")}</span></div>
        <Connection />
        <LanguageSwitch />
        <button type="button" class="quiet" onClick={leave}>{t("room.leave")}</button>
      </header>
      {link.value === "reconnecting" && <p class="banner" role="alert">{troubleWords()}</p>}
      <main>
        <Stage />
        <Tiles />
        <Voices />
        <Controls />
      </main>
      <Side moderator={me.role === "moderator"} />
    </div>
  );
}

function Side({ moderator }: { moderator: boolean }) {
  const tab = useSignal<"order" | "agenda" | "chat">("order");
  const tabs = ["order", "agenda", "chat"] as const;
  return (
    <aside class="side" aria-label={t(moderator ? "console.title" : "order.title")}>
      <nav class="tabs">
        {tabs.map((id) => <button key={id} type="button" aria-pressed={tab.value === id} onClick={() => (tab.value = id)}>{t(`room.tab_${id}`)}</button>)}
      </nav>
      {tab.value === "order" && (moderator ? <Console /> : <OrderList />)}
      {tab.value === "agenda" && <section class="panel"><h2>{t("agenda.title")}</h2><Agenda items={room.value?.agenda ?? []} zone={conference.value?.time_zone ?? "UTC"} /></section>}
      {tab.value === "chat" && <Chat />}
    </aside>
  );
}

function troubleWords(): string {
  const floor = room.value?.floor;
  const me = you.value?.person;
  if (floor?.granted.some((g) => g.beneficiary === me)) return t("trouble.reconnecting_floor");
  const place = floor?.requests.find((q) => q.beneficiary === me)?.position;
  return place ? t("trouble.reconnecting_place", { place: ordinal(place) }) : t("trouble.reconnecting");
}
