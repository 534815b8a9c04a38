import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { delegatesIn } from "../../model/permissions";
import type { ListState, Room } from "../../model/types";
import { useCommands, type Commands } from "../../state/commands";
import { serverNow } from "../../state/room";
import { ListState as ListStateLine } from "../ListState";
import { Refusal } from "../Refusal";

const NOTICE_MINUTES = [2, 5, 10, 15];

/** The list of speakers: opening, announcing its closing, closing, reopening, admitting, adjourning, resuming. */
export function ListControls({ room }: { room: Room }) {
  const commands = useCommands();
  const { list } = room.floor;
  const is = (...states: ListState[]) => states.includes(list.state);
  const button = (verb: "open" | "close" | "reopen" | "resume", words: string) => <button type="button" onClick={() => void commands.execute(`list.${verb}`)}>{words}</button>;
  return (
    <div class="list-controls">
      <ListStateLine list={list} />
      <div class="actions">
        {is("not_open") && button("open", t("console.list_open"))}
        {is("open") && !list.closes_at && <AnnounceClose commands={commands} />}
        {is("open") && list.closes_at && button("reopen", t("console.list_keep_open"))}
        {is("open") && button("close", t("console.list_close"))}
        {is("closed", "replies", "concluded") && button("reopen", t("console.list_reopen"))}
        {is("adjourned") && button("resume", t("console.resume_meeting"))}
      </div>
      {is("closed") && <Admit room={room} commands={commands} />}
      <Refusal commands={commands} />
    </div>
  );
}

/** Announces when the list will close. */
function AnnounceClose({ commands }: { commands: Commands }) {
  const minutes = useSignal(5);
  const at = (m: number) => new Date(serverNow() + m * 60_000);
  return (
    <span class="split">
      <button type="button" onClick={() => void commands.execute("list.announce_close", { at: at(minutes.value).toISOString() })}>{t("console.list_announce")}</button>
      <select aria-label={t("console.list_announce_at")} value={String(minutes.value)} onChange={(e) => (minutes.value = Number(e.currentTarget.value))}>
        {NOTICE_MINUTES.map((m) => <option key={m} value={String(m)}>{t("console.in_minutes", { minutes: m, time: timeIn(at(m)) })}</option>)}
      </select>
    </span>
  );
}

/** Adds a delegate to the closed list. */
function Admit({ room, commands }: { room: Room; commands: Commands }) {
  const chosen = useSignal("");
  const open = new Set([...room.floor.requests, ...room.floor.granted].map((r) => r.beneficiary));
  const others = delegatesIn(room).filter((p) => !open.has(p.person));
  if (others.length === 0) return null;
  const person = others.some((p) => p.person === chosen.value) ? chosen.value : (others[0]?.person ?? "");
  return (
    <span class="split">
      <button type="button" onClick={() => void commands.execute("list.admit", { person })}>{t("console.admit_to_list")}</button>
      <select aria-label={t("console.admit_whom")} value={person} onChange={(e) => (chosen.value = e.currentTarget.value)}>
        {others.map((p) => <option key={p.person} value={p.person}>{p.name}</option>)}
      </select>
    </span>
  );
}
