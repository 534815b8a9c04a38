import { t } from "../../i18n";
import { lightOf } from "../../model/entry";
import type { Participant, Room } from "../../model/types";
import { useDesk, type Desk } from "../../state/act";
import { conference } from "../../state/session";
import { Light } from "../Light";
import { Refusal } from "../Refusal";
import { sends } from "../../media/open-sources";
import { ChannelDesk } from "./ChannelDesk";
import { ChairOnly } from "./Console";
import { Mute } from "./Holder";
import { WithWord } from "./WithWord";

/** Who is here, and what the chair can do about it. */
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
  const desk = useDesk();
  const chair = room.floor.chair === p.person;
  return (
    <li class="entry person">
      <div class="who">
        <p class="name"><strong>{p.name}</strong>{chair && <span class="mark">{t("room.chairing")}</span>}{p.muted && <span class="mark moved">{t("people.muted")}</span>}</p>
        <p class="facts"><Light state={lightOf(room, p.person)} /> · {t(`role.${p.role}`)}</p>
      </div>
      {!chair && (
        <div class="actions">
          {room.floor.mode === "direct" && p.role === "delegate" && <button type="button" class="strong" onClick={() => void desk.act("floor.request", { beneficiary: p.person })}>{t("console.grant")}</button>}
          {sends(p.role) && <Mute room={room} person={p.person} desk={desk} />}
          {p.role !== "operator" && <MoveTo room={room} person={p} desk={desk} />}
          <WithWord danger does={t("people.remove")} name={p.name} act={(reason) => void desk.act("participant.remove", { person: p.person, ...(reason && { reason }) })} />
        </div>
      )}
      <Refusal desk={desk} />
    </li>
  );
}

function MoveTo({ room, person, desk }: { room: Room; person: Participant; desk: Desk }) {
  const others = (conference.value?.rooms ?? []).filter((r) => r.id !== room.id);
  if (others.length === 0) return null;
  return (
    <select class="move-to" aria-label={t("people.move", { name: person.name })} value="" onChange={(e) => e.currentTarget.value && void desk.act("participant.move", { person: person.person, to: e.currentTarget.value })}>
      <option value="">{t("people.move_to")}</option>
      {others.map((r) => <option key={r.id} value={r.id}>{r.title}</option>)}
    </select>
  );
}

function SentOut({ person, name }: { person: string; name: string }) {
  const desk = useDesk();
  return (
    <li class="entry">
      <div class="who"><strong>{name}</strong></div>
      <div class="actions"><button type="button" onClick={() => void desk.act("participant.admit", { person })}>{t("people.admit")}</button></div>
      <Refusal desk={desk} />
    </li>
  );
}
