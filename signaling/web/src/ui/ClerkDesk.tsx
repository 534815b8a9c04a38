import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { nameOf } from "../model/names";
import { delegatesIn } from "../model/permissions";
import type { Room } from "../model/types";
import { useCommands } from "../state/commands";
import { you } from "../state/room";
import { Kind } from "../wire/generated/socket";
import { chosen } from "./chosen";
import { Refusal } from "./Refusal";

/** A clerk asks for the floor on behalf of a delegate, and withdraws such requests. */
export function ClerkDesk({ room }: { room: Room }) {
  const commands = useCommands();
  const person = useSignal("");
  const kind = useSignal<Kind>("statement");
  const delegates = delegatesIn(room);
  const beneficiary = delegates.some((p) => p.person === person.value) ? person.value : (delegates[0]?.person ?? "");
  const mine = room.floor.requests.filter((q) => q.requested_by === you.value?.person && q.state !== "granted");
  return (
    <section class="panel" data-testid="clerk-desk">
      <h2>{t("clerk.title")}</h2>
      {delegates.length === 0 ? <p class="empty">{t("clerk.nobody")}</p> : (
        <div class="actions">
          <select aria-label={t("clerk.for_whom")} value={beneficiary} onChange={(e) => (person.value = e.currentTarget.value)}>
            {delegates.map((p) => <option key={p.person} value={p.person}>{p.name}</option>)}
          </select>
          <select aria-label={t("clerk.what_for")} value={kind.value} onChange={(e) => (kind.value = chosen(Kind, e) ?? "statement")}>
            {Kind.map((k) => <option key={k} value={k}>{t(`kind.${k}`)}</option>)}
          </select>
          <button type="button" class="strong" onClick={() => void commands.execute("floor.request", { beneficiary, kind: kind.value })}>{t("main.ask")}</button>
        </div>
      )}
      <ul class="order">
        {mine.map((q) => (
          <li key={q.id} class="entry">
            <div class="who"><strong>{nameOf(room, q.beneficiary)}</strong><p class="facts">{t(`kind.${q.kind}`)}</p></div>
            <div class="actions"><button type="button" onClick={() => void commands.execute("floor.cancel", { request: q.id })}>{t("main.withdraw_pending")}</button></div>
          </li>
        ))}
      </ul>
      <Refusal commands={commands} />
    </section>
  );
}
