import { t } from "../i18n";
import type { SpeakersList } from "../model/types";
import { act, offset } from "../state/room";
import { ListState } from "./ListState";

const NOTICE_MS = 5 * 60_000;

/** Opening, announcing, closing and reopening the list of speakers. */
export function ListControls({ list }: { list: SpeakersList }) {
  const at = () => new Date(Date.now() + offset.value + NOTICE_MS).toISOString();
  return (
    <div class="list-controls">
      <ListState list={list} />
      <span class="actions">
        {list.state === "not_open" && <button type="button" onClick={() => void act("list.open")}>{t("console.list_open")}</button>}
        {list.state === "open" && <button type="button" onClick={() => void act("list.announce_close", { at: at() })}>{t("console.list_announce")}</button>}
        {list.state === "open" && <button type="button" onClick={() => void act("list.close")}>{t("console.list_close")}</button>}
        {(list.state === "closed" || list.state === "replies") && <button type="button" onClick={() => void act("list.reopen")}>{t("console.list_reopen")}</button>}
      </span>
    </div>
  );
}
