import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { waiting } from "../../model/order";
import { delegatesIn } from "../../model/permissions";
import { namedIn } from "../../model/names";
import type { ListState, Room } from "../../model/types";
import { consoleCommands, orderCommands } from "../../state/commands";
import { orderRest } from "../../state/rest";
import { serverNow } from "../../state/server-clock";
import { ListState as ListStateLine } from "../ListState";
import { OrderButton } from "./OrderButton";

const NOTICE_MINUTES = [2, 5, 10, 15];

/**
 * The list of speakers: opening, announcing its closing, closing, adjourning and admitting. Every
 * button has a place of its own and keeps it while it has nothing to do.
 */
export function ListControls({ room }: { room: Room }) {
  const { list } = room.floor;
  const is = (...states: ListState[]) => states.includes(list.state);
  const does = (verb: "open" | "close" | "reopen" | "adjourn" | "resume") => () =>
    void orderCommands.execute(`list.${verb}`);
  const closing = is("open") && list.closes_at != null;
  return (
    <div class="list-controls" data-testid="list-controls">
      <ListStateLine list={list} />
      <div class="list-buttons">
        {closing || is("closed", "replies", "concluded") ? (
          <OrderButton press={does("reopen")}>
            {t(closing ? "console.list_keep_open" : "console.list_reopen")}
          </OrderButton>
        ) : (
          <OrderButton idle={!is("not_open")} press={does("open")}>
            {t("console.list_open")}
          </OrderButton>
        )}
        <OrderButton idle={!is("open")} press={does("close")}>
          {t("console.list_close")}
        </OrderButton>
        {is("adjourned") ? (
          <OrderButton class="strong" press={does("resume")}>
            {t("console.resume_meeting")}
          </OrderButton>
        ) : (
          <OrderButton idle={!is("open", "closed", "replies")} press={does("adjourn")}>
            {t("console.adjourn")}
          </OrderButton>
        )}
        <AnnounceClose idle={!is("open") || closing} />
        <Admit room={room} idle={!is("closed")} />
      </div>
    </div>
  );
}

/** Announces when the list will close. */
function AnnounceClose({ idle }: { idle: boolean }) {
  const minutes = useSignal(5);
  const at = (m: number) => new Date(serverNow() + m * 60_000);
  return (
    <span class="split">
      <OrderButton
        idle={idle}
        press={() => void orderCommands.execute("list.announce_close", { at: at(minutes.value).toISOString() })}
      >
        {t("console.list_announce")}
      </OrderButton>
      <select
        aria-label={t("console.list_announce_at")}
        value={String(minutes.value)}
        onChange={(e) => (minutes.value = Number(e.currentTarget.value))}
      >
        {NOTICE_MINUTES.map((m) => (
          <option key={m} value={String(m)}>
            {t("console.in_minutes", { minutes: m, time: timeIn(at(m)) })}
          </option>
        ))}
      </select>
    </span>
  );
}

/** Adds a delegate to the closed list. */
function Admit({ room, idle }: { room: Room; idle: boolean }) {
  const chosen = useSignal("");
  const open = new Set([...room.floor.requests, ...room.floor.granted].map((r) => r.beneficiary));
  const others = delegatesIn(room).filter((p) => !open.has(p.person));
  const person = others.some((p) => p.person === chosen.value) ? chosen.value : (others[0]?.person ?? "");
  return (
    <span class="split">
      <OrderButton idle={idle || !person} press={() => void orderCommands.execute("list.admit", { person })}>
        {t("console.admit_to_list")}
      </OrderButton>
      <select
        aria-label={t("console.admit_whom")}
        value={person}
        disabled={idle || !person}
        onChange={(e) => (chosen.value = e.currentTarget.value)}
      >
        {others.map((p) => (
          <option key={p.person} value={p.person}>
            {namedIn(p)}
          </option>
        ))}
      </select>
    </span>
  );
}

/** Adds all who wait to the list, in the order in which they asked. It ends at the first refusal, whose reason is shown. */
export function PlaceAll({ room }: { room: Room }) {
  const waits = waiting(room.floor);
  const placeAll = () =>
    orderRest.press(async () => {
      for (const { id } of waits) if (!(await consoleCommands.execute("floor.accept", { request: id }))) return;
    });
  return (
    <OrderButton
      class={waits.length > 0 ? "strong" : undefined}
      idle={waits.length === 0}
      testid="place-all"
      press={() => void placeAll()}
    >
      {t("console.place_all", { count: waits.length })}
    </OrderButton>
  );
}
