import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { factLine } from "../i18n/isolate";
import { admissibleKinds } from "../model/main-action";
import { cityOf, namedIn, nameOf } from "../model/names";
import { delegatesIn } from "../model/permissions";
import type { FloorRequest, Participant, Room } from "../model/types";
import { useCommands, type Commands } from "../state/commands";
import { panel, sheetOpen } from "../state/panels";
import { you } from "../state/room";
import { conference } from "../state/session";
import { chosen } from "./chosen";
import { Refusal } from "./Refusal";

const FIRST_FIELD = "clerk-for-whom";

/** A clerk asks for the floor on behalf of a delegate, and withdraws such requests. Only what is admissible now is offered. */
export function ClerkDesk({ room }: { room: Room }) {
  const commands = useCommands();
  const delegates = delegatesIn(room);
  const mine = room.floor.requests.filter((q) => q.requested_by === you.value?.person && q.state !== "granted");
  return (
    <section class="panel" data-testid="clerk-desk">
      <h2>{t("clerk.title")}</h2>
      <p class="dim">{t("clerk.hint")}</p>
      {delegates.length === 0 ? (
        <p class="empty">{t("clerk.nobody")}</p>
      ) : (
        <Ask room={room} delegates={delegates} commands={commands} />
      )}
      {mine.length > 0 && (
        <ul class="order" aria-label={t("clerk.asked")}>
          {mine.map((q) => (
            <Asked key={q.id} room={room} request={q} commands={commands} />
          ))}
        </ul>
      )}
      <Refusal commands={commands} />
    </section>
  );
}

/** The clerk's main button: leads to the desk, where the delegate is chosen. */
export function ClerkButton() {
  const lead = () => {
    panel.value = "order";
    sheetOpen.value = true;
    requestAnimationFrame(() => document.getElementById(FIRST_FIELD)?.focus());
  };
  return (
    <button type="button" class="main" data-testid="main-button" onClick={lead}>
      {t("clerk.main")}
    </button>
  );
}

function Ask({ room, delegates, commands }: { room: Room; delegates: Participant[]; commands: Commands }) {
  const person = useSignal("");
  const kind = useSignal("");
  const beneficiary = delegates.find((p) => p.person === person.value) ?? delegates[0];
  if (!beneficiary) return null;
  const kinds = admissibleKinds(room.floor, beneficiary.person);
  const asked = kinds.find((k) => k === kind.value) ?? kinds[0];
  const city = cityOf(conference.value, beneficiary.delegation) ?? namedIn(beneficiary);
  return (
    <div class="actions">
      <select
        id={FIRST_FIELD}
        aria-label={t("clerk.for_whom")}
        value={beneficiary.person}
        onChange={(e) => (person.value = e.currentTarget.value)}
      >
        {delegates.map((p) => (
          <option key={p.person} value={p.person}>
            {factLine([cityOf(conference.value, p.delegation), nameOf(room, p.person)])}
          </option>
        ))}
      </select>
      {asked ? (
        <>
          <select
            aria-label={t("clerk.what_for")}
            value={asked}
            onChange={(e) => (kind.value = chosen(kinds, e) ?? "")}
          >
            {kinds.map((k) => (
              <option key={k} value={k}>
                {t(`kind.${k}`)}
              </option>
            ))}
          </select>
          <button
            type="button"
            class="strong"
            onClick={() => void commands.execute("floor.request", { beneficiary: beneficiary.person, kind: asked })}
          >
            {t("clerk.ask", { city })}
          </button>
        </>
      ) : (
        <p class="dim">{t(room.floor.mode === "direct" ? "main.direct" : "clerk.nothing", { city })}</p>
      )}
    </div>
  );
}

function Asked({ room, request: q, commands }: { room: Room; request: FloorRequest; commands: Commands }) {
  return (
    <li class="entry">
      <div class="who">
        <strong>
          <bdi>{cityOf(conference.value, q.delegation) ?? nameOf(room, q.beneficiary)}</bdi>
        </strong>
        <p class="facts">{factLine([nameOf(room, q.beneficiary), t(`kind.${q.kind}`)])}</p>
      </div>
      <div class="actions">
        <button type="button" onClick={() => void commands.execute("floor.cancel", { request: q.id })}>
          {t("main.withdraw_pending")}
        </button>
      </div>
    </li>
  );
}
