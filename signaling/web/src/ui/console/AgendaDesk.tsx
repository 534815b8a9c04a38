import { t } from "../../i18n";
import type { AgendaItem, Room } from "../../model/types";
import { useDesk, type Desk } from "../../state/act";
import { conference } from "../../state/session";
import { Agenda } from "../Agenda";
import { Refusal } from "../Refusal";
import { ChairOnly } from "./Console";

/** The agenda as the chair has it: items are started and ended here, which sets the order and the limits. */
export function AgendaDesk({ room }: { room: Room }) {
  const desk = useDesk();
  return (
    <section class="panel">
      <h2>{t("agenda.title")}</h2>
      <p class="dim">{t("agenda.desk_hint")}</p>
      <Refusal desk={desk} />
      <ChairOnly room={room}>
        <Agenda items={room.agenda.items} zone={conference.value?.time_zone ?? "UTC"} controls={(item) => <ItemButton item={item} desk={desk} />} />
      </ChairOnly>
    </section>
  );
}

function ItemButton({ item, desk }: { item: AgendaItem; desk: Desk }) {
  const verb = item.state === "on" ? "end" : item.state === "done" ? "restart" : "start";
  const words = t(`agenda.${verb}`);
  return <button type="button" class={verb === "end" ? "strong" : undefined} aria-label={t("console.about", { action: words, name: item.title })} onClick={() => void desk.act(verb === "end" ? "agenda.end" : "agenda.start", { item: item.id })}>{words}</button>;
}
