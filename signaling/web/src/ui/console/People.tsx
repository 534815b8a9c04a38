import { t } from "../../i18n";
import { lightOf } from "../../model/entry";
import { canBeMoved, canBeMuted, isDelegate } from "../../model/permissions";
import type { Participant, Room } from "../../model/types";
import { useCommands, type Commands } from "../../state/commands";
import { conference } from "../../state/session";
import { Light } from "../Light";
import { Refusal } from "../Refusal";
import { ChannelDesk } from "./ChannelDesk";
import { ChairOnly } from "./Console";
import { Mute } from "./Holder";
import { WithReason } from "./WithReason";

/** The participants, and what the chair can do with each. */
export function People({ room }: { room: Room }) {
  const people = [...room.participants].sort((a, b) => a.name.localeCompare(b.name));
  const removed = room.removed ?? [];
  return (
    <section class="panel" data-testid="people">
      <h2>{t("people.title")} <span class="count">{people.length}</span></h2>
      <ChairOnly room={room}>
        <ul class="order">{people.map((p) => <Person key={p.person} room={room} person={p} />)}</ul>
        <ChannelDesk room={room} />
        {removed.length > 0 && <h3>{t("people.removed")}</h3>}
        <ul class="order">{removed.map((p) => <SentOut key={p.person} {...p} />)}</ul>
      </ChairOnly>
    </section>
  );
}

function Person({ room, person: p }: { room: Room; person: Participant }) {
  const commands = useCommands();
  const chair = room.floor.chair === p.person;
  return (
    <li class="entry person">
      <div class="who">
        <p class="name"><strong>{p.name}</strong>{chair && <span class="mark">{t("room.chairing")}</span>}{p.muted && <span class="mark moved">{t("people.muted")}</span>}</p>
        <p class="facts"><Light state={lightOf(room, p.person)} /> · {t(`role.${p.role}`)}</p>
      </div>
      {!chair && (
        <div class="actions">
          {room.floor.mode === "direct" && isDelegate(p) && <button type="button" class="strong" onClick={() => void commands.execute("floor.request", { beneficiary: p.person })}>{t("console.grant")}</button>}
          {canBeMuted(p) && <Mute room={room} person={p.person} commands={commands} />}
          {canBeMoved(p) && <MoveTo room={room} person={p} commands={commands} />}
          <WithReason danger does={t("people.remove")} name={p.name} act={(reason) => void commands.execute("participant.remove", { person: p.person, ...(reason && { reason }) })} />
        </div>
      )}
      <Refusal commands={commands} />
    </li>
  );
}

function MoveTo({ room, person, commands }: { room: Room; person: Participant; commands: Commands }) {
  const others = (conference.value?.rooms ?? []).filter((r) => r.id !== room.id);
  if (others.length === 0) return null;
  return (
    <select class="move-to" aria-label={t("people.move", { name: person.name })} value="" onChange={(e) => e.currentTarget.value && void commands.execute("participant.move", { person: person.person, to: e.currentTarget.value })}>
      <option value="">{t("people.move_to")}</option>
      {others.map((r) => <option key={r.id} value={r.id}>{r.title}</option>)}
    </select>
  );
}

function SentOut({ person, name }: { person: string; name: string }) {
  const commands = useCommands();
  return (
    <li class="entry">
      <div class="who"><strong>{name}</strong></div>
      <div class="actions"><button type="button" onClick={() => void commands.execute("participant.admit", { person })}>{t("people.admit")}</button></div>
      <Refusal commands={commands} />
    </li>
  );
}
