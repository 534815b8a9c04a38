import { t } from "../../i18n";
import type { AgendaItem, Room } from "../../model/types";
import { useCommands, type Commands } from "../../state/commands";
import { conference } from "../../state/session";
import { Agenda } from "../Agenda";
import { Refusal } from "../Refusal";
import { ChairOnly } from "./Console";

/** The agenda for the chair, who starts and ends items here. That sets the speaking order and the limits. */
export function AgendaDesk({ room }: { room: Room }) {
  const commands = useCommands();
  return (
    <section class="panel">
      <h2>{t("agenda.title")}</h2>
      <p class="dim">{t("agenda.desk_hint")}</p>
      <Refusal commands={commands} />
      <ChairOnly room={room}>
        <Agenda items={room.agenda.items} zone={conference.value?.time_zone ?? "UTC"} controls={(item) => <ItemButton item={item} commands={commands} />} />
      </ChairOnly>
    </section>
  );
}

function ItemButton({ item, commands }: { item: AgendaItem; commands: Commands }) {
  const verb = item.state === "on" ? "end" : item.state === "done" ? "restart" : "start";
  const words = t(`agenda.${verb}`);
  return <button type="button" class={verb === "end" ? "strong" : undefined} aria-label={t("console.about", { action: words, name: item.title })} onClick={() => void commands.execute(verb === "end" ? "agenda.end" : "agenda.start", { item: item.id })}>{words}</button>;
}
