import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import type { ListState, Room } from "../../model/types";
import { useDesk, type Desk } from "../../state/act";
import { serverNow } from "../../state/room";
import { ListState as ListStateLine } from "../ListState";
import { Refusal } from "../Refusal";

const NOTICES = [2, 5, 10, 15];

/** The list of speakers: opening, announcing its closing, closing, reopening, admitting, adjourning, resuming. */
export function ListControls({ room }: { room: Room }) {
  const desk = useDesk();
  const { list } = room.floor;
  const is = (...states: ListState[]) => states.includes(list.state);
  const button = (verb: "open" | "close" | "reopen" | "resume", words: string) => <button type="button" onClick={() => void desk.act(`list.${verb}`)}>{words}</button>;
  return (
    <div class="list-controls">
      <ListStateLine list={list} />
      <div class="actions">
        {is("not_open") && button("open", t("console.list_open"))}
        {is("open") && !list.closes_at && <AnnounceClose desk={desk} />}
        {is("open") && list.closes_at && button("reopen", t("console.list_keep_open"))}
        {is("open") && button("close", t("console.list_close"))}
        {is("closed", "replies", "concluded") && button("reopen", t("console.list_reopen"))}
        {is("adjourned") && button("resume", t("console.resume_meeting"))}
      </div>
      {is("closed") && <Admit room={room} desk={desk} />}
      <Refusal desk={desk} />
    </div>
  );
}

/** Says when the list will close: the time is chosen, and said as a time. */
function AnnounceClose({ desk }: { desk: Desk }) {
  const minutes = useSignal(5);
  const at = (m: number) => new Date(serverNow() + m * 60_000);
  return (
    <span class="split">
      <button type="button" onClick={() => void desk.act("list.announce_close", { at: at(minutes.value).toISOString() })}>{t("console.list_announce")}</button>
      <select aria-label={t("console.list_announce_at")} value={String(minutes.value)} onChange={(e) => (minutes.value = Number(e.currentTarget.value))}>
        {NOTICES.map((m) => <option key={m} value={String(m)}>{t("console.in_minutes", { minutes: m, time: timeIn(at(m)) })}</option>)}
      </select>
    </span>
  );
}

/** Appends somebody to the closed list. */
function Admit({ room, desk }: { room: Room; desk: Desk }) {
  const chosen = useSignal("");
  const open = new Set([...room.floor.requests, ...room.floor.granted].map((r) => r.beneficiary));
  const others = room.participants.filter((p) => p.role === "delegate" && !open.has(p.person));
  if (others.length === 0) return null;
  const person = others.some((p) => p.person === chosen.value) ? chosen.value : (others[0]?.person ?? "");
  return (
    <span class="split">
      <button type="button" onClick={() => void desk.act("list.admit", { person })}>{t("console.admit_to_list")}</button>
      <select aria-label={t("console.admit_whom")} value={person} onChange={(e) => (chosen.value = e.currentTarget.value)}>
        {others.map((p) => <option key={p.person} value={p.person}>{p.name}</option>)}
      </select>
    </span>
  );
}
