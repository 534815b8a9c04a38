import { t } from "../i18n";
import { ordinal } from "../i18n/format";
import { clockText } from "../model/clock";
import { isPresent, nameOf } from "../model/names";
import { listed, passed, reordered, urgent, waiting } from "../model/order";
import type { FloorRequest, Room } from "../model/types";
import { announce } from "../state/notices";
import { act, room } from "../state/room";
import { ChairControls } from "./ChairControls";
import { Holder } from "./Holder";
import { ListControls } from "./ListControls";

/** The moderator's console: what must be ruled on, the holder, the order, the list, the chair. */
export function Console() {
  const r = room.value;
  if (!r) return null;
  const points = urgent(r.floor);
  const entries = listed(r.floor);
  return (
    <section class="panel console">
      {points.length > 0 && <div class="urgent"><h2>{t("order.urgent")}</h2><ul class="order">{points.map((q) => <Entry key={q.id} room={r} request={q} actions={["grant", "deny"]} />)}</ul></div>}
      {r.floor.granted.map((g) => <Holder key={g.id} room={r} request={g} />)}
      <h2>{t("order.title")}</h2>
      <ListControls list={r.floor.list} />
      {entries.length === 0 && <p class="dim">{t("order.empty")}</p>}
      <ol class="order" data-testid="order-list">
        {entries.map((q, i) => <Entry key={q.id} room={r} request={q} index={i} ids={entries.map((e) => e.id)} actions={q.state === "pending" ? ["grant", "accept", "deny"] : ["grant", "pass", "deny"]} />)}
      </ol>
      <Group title={t("order.waiting")} entries={waiting(r.floor)} room={r} actions={["grant", "accept", "deny"]} />
      <Group title={t("order.passed")} entries={passed(r.floor)} room={r} actions={["recall", "deny"]} />
      <ChairControls room={r} />
    </section>
  );
}

type Action = "grant" | "accept" | "pass" | "deny" | "recall";

function Group({ title, entries, room: r, actions }: { title: string; entries: FloorRequest[]; room: Room; actions: Action[] }) {
  if (entries.length === 0) return null;
  return <><h3>{title}</h3><ul class="order">{entries.map((q) => <Entry key={q.id} room={r} request={q} actions={actions} />)}</ul></>;
}

interface EntryProps {
  room: Room;
  request: FloorRequest;
  actions: Action[];
  index?: number;
  ids?: string[];
}

/** One request: who, how often that city has spoken, whether present, and what can be done. Moved by drag or arrow keys. */
function Entry({ room: r, request: q, actions, index, ids }: EntryProps) {
  const name = nameOf(r, q.beneficiary);
  const spoken = r.floor.spoken?.[q.delegation ?? ""];
  const present = isPresent(r, q.beneficiary);
  const place = (id: string, to: number) => {
    if (!ids || to < 0 || to >= ids.length) return;
    void act("floor.order", { ids: reordered(ids, id, to) }).then((done) => done && announce(t("console.moved", { name: nameOf(r, r.floor.requests.find((x) => x.id === id)?.beneficiary ?? ""), place: ordinal(to + 1) })));
  };
  const key = (e: KeyboardEvent) => {
    const step = e.key === "ArrowUp" ? -1 : e.key === "ArrowDown" ? 1 : 0;
    if (step === 0 || index === undefined) return;
    e.preventDefault();
    place(q.id, index + step);
  };
  return (
    <li
      draggable={ids !== undefined}
      onDragStart={(e) => e.dataTransfer?.setData("text/plain", q.id)}
      onDragOver={(e) => ids && e.preventDefault()}
      onDrop={(e) => { e.preventDefault(); place(e.dataTransfer?.getData("text/plain") ?? "", index ?? 0); }}
    >
      {ids && <button type="button" class="grip" aria-label={t("console.grip", { name })} onKeyDown={key}>{q.position}</button>}
      <span class="who">
        <strong>{name}</strong>
        <small><span class={present ? "present" : "absent"}>{t(present ? "order.present" : "order.absent")}</span> · {t(`kind.${q.kind}`)} · {spoken?.times ? t("order.spoken", { times: spoken.times, time: clockText(spoken.consumed_ms) }) : t("order.not_spoken")}</small>
      </span>
      <span class="actions">
        {actions.map((action) => <button key={action} type="button" aria-label={t("console.about", { action: t(`console.${action}`), name })} onClick={() => void act(`floor.${action}`, grantFields(r, q, action))}>{t(`console.${action}`)}</button>)}
      </span>
    </li>
  );
}

/** A grant on a full floor takes the place of the holder in the same step. A point of order suspends him instead. */
function grantFields(r: Room, q: FloorRequest, action: Action): object {
  const holder = r.floor.granted[0];
  const full = r.floor.granted.length >= r.floor.nom;
  const replace = action === "grant" && full && holder && q.kind !== "point_of_order";
  return { request: q.id, ...(replace && { replace: holder.id }) };
}
