import { t } from "../../i18n";
import { lightOf } from "../../model/entry";
import { canBeMoved, canBeMuted, isDelegate } from "../../model/permissions";
import { namedIn, titleOf } from "../../model/names";
import type { Participant, Room } from "../../model/types";
import { consoleCommands, orderCommands } from "../../state/commands";
import { conference } from "../../state/session";
import { takenBack } from "../chosen";
import { absenceOf } from "../away-words";
import { Light } from "../Light";
import { AttendancePanel } from "./AttendancePanel";
import { ChannelDesk } from "./ChannelDesk";
import { ChairOnly } from "./Console";
import { Mute } from "./Holder";
import { TalkActions, TalkMark } from "../talks/TalkActions";
import { OrderButton } from "./OrderButton";
import { WithReason } from "./WithReason";

/** The participants, and what the chair can do with each. */
export function People({ room }: { room: Room }) {
  const people = [...room.participants].sort((a, b) => namedIn(a).localeCompare(namedIn(b)));
  const removed = room.removed ?? [];
  return (
    <section class="panel" data-testid="people">
      <AttendancePanel room={room} />
      <h2>
        {t("people.title")} <span class="count">{people.length}</span>
      </h2>
      <ul class="order">
        {people.map((p) => (
          <Person key={p.person} room={room} person={p} />
        ))}
      </ul>
      <ChairOnly room={room}>
        <ChannelDesk room={room} />
        {removed.length > 0 && <h3>{t("people.removed")}</h3>}
        <ul class="order">
          {removed.map((p) => (
            <SentOut key={p.person} removed={p} />
          ))}
        </ul>
      </ChairOnly>
    </section>
  );
}

function Person({ room, person: p }: { room: Room; person: Participant }) {
  const chair = room.floor.chair === p.person;
  return (
    <li class="entry person">
      <div class="who">
        <p class="name">
          <strong>
            <bdi>{namedIn(p)}</bdi>
          </strong>
          {chair && <span class="mark">{t("room.chairing")}</span>}
          <TalkMark room={room} person={p} />
          {p.muted && <span class="mark moved">{t("people.muted")}</span>}
        </p>
        <p class="facts">
          <Light state={lightOf(room, p.person)} absence={absenceOf(room, p.person)} /> · {t(`role.${p.role}`)}
        </p>
      </div>
      {!chair && (
        <ChairOnly room={room}>
          <div class="actions">
            {room.floor.mode === "direct" && isDelegate(p) && (
              <button
                type="button"
                class="strong"
                onClick={() => void orderCommands.execute("floor.request", { beneficiary: p.person })}
              >
                {t("console.grant")}
              </button>
            )}
            {canBeMuted(p) && <Mute room={room} person={p.person} />}
            {canBeMoved(p) && <MoveTo room={room} person={p} />}
            {p.role === "moderator" && (
              <OrderButton
                name={t("console.about", { action: t("console.hand_over"), name: namedIn(p) })}
                press={() => void orderCommands.execute("chair.hand_over", { to: p.person })}
              >
                {t("console.hand_over")}
              </OrderButton>
            )}
            <WithReason
              danger
              does={t("people.remove")}
              name={namedIn(p)}
              act={(reason) =>
                void consoleCommands.execute("participant.remove", { person: p.person, ...(reason && { reason }) })
              }
            />
          </div>
        </ChairOnly>
      )}
      {/* Every moderator may talk aside and close a side talk, in the chair or not. */}
      <div class="actions">
        <TalkActions room={room} person={p} />
      </div>
    </li>
  );
}

function MoveTo({ room, person }: { room: Room; person: Participant }) {
  const others = (conference.value?.rooms ?? []).filter((r) => r.id !== room.id);
  if (others.length === 0) return null;
  const moveTo = (to: string) => to && void consoleCommands.execute("participant.move", { person: person.person, to });
  return (
    <select
      class="move-to"
      aria-label={t("people.move", { name: namedIn(person) })}
      value=""
      onChange={(e) => moveTo(takenBack(e))}
    >
      <option value="">{t("people.move_to")}</option>
      {others.map((r) => (
        <option key={r.id} value={r.id}>
          {titleOf(r)}
        </option>
      ))}
    </select>
  );
}

function SentOut({ removed }: { removed: NonNullable<Room["removed"]>[number] }) {
  return (
    <li class="entry">
      <div class="who">
        <strong>
          <bdi>{namedIn(removed)}</bdi>
        </strong>
      </div>
      <div class="actions">
        <button
          type="button"
          onClick={() => void consoleCommands.execute("participant.admit", { person: removed.person })}
        >
          {t("people.admit")}
        </button>
      </div>
    </li>
  );
}
