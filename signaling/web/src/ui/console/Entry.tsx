import { t } from "../../i18n";
import { ordinal, timeIn } from "../../i18n/format";
import { usedText } from "../../model/clock";
import { actionsOn, lightOf, type EntryAction } from "../../model/entry";
import { nameOf } from "../../model/names";
import { waitedMinutes } from "../../model/estimate";
import { nowOf, type Drawn, type Elsewhere } from "../../model/rows";
import type { FloorRequest, Room } from "../../model/types";
import { orderCommands } from "../../state/commands";
import { absenceOf } from "../away-words";
import { Light } from "../Light";
import { GrantButton } from "./GrantButton";
import { OrderButton } from "./OrderButton";
import { Recall } from "./Recall";
import { Grip, MoveButtons, useDrop } from "./reorder";
import { WithReason } from "./WithReason";

interface Props {
  /** The room as it is. What a press does follows it. */
  room: Room;
  /** The room as the rows are drawn from it, which is an earlier one while they are held. */
  drawn: Drawn;
  request: FloorRequest;
}

/** One request: the city, what it asks for, since when, how often it has spoken, its connection, and the chair's actions. */
export function Entry({ room, drawn, request }: Props) {
  const name = nameOf(drawn.room, request.beneficiary);
  const now = nowOf(room.floor, request);
  const isListed = request.position != null;
  const drop = useDrop(isListed ? request : null, name, room);
  const idle = now.is !== "here";
  const light = lightOf(drawn.room, request.beneficiary);
  const lightNow = lightOf(room, request.beneficiary);
  return (
    <li
      class={`entry ${idle ? "elsewhere" : ""} ${drop.over ? "drop-here" : ""}`}
      data-testid={`entry-${request.beneficiary}`}
      {...drop.handlers}
    >
      {isListed && (
        <Grip room={room} request={request} position={now.is === "here" ? now.position : null} name={name} />
      )}
      <div class="who">
        <p class="name">
          <strong>
            <bdi>{name}</bdi>
          </strong>
          <Marks request={request} />
        </p>
        <p class="facts">
          <Light state={light} absence={absenceOf(drawn.room, request.beneficiary)} />{" "}
          <span>{askedWords(request, drawn.at)}</span> <span>{spokenWords(drawn.room, request)}</span>
        </p>
        {request.info && (
          <p class="facts">
            <q dir="auto">{request.info}</q>
          </p>
        )}
      </div>
      {/* Laid over the row: what has changed while the row is held must not change its size. */}
      {now.is !== "here" ? (
        <p class="now-at" role="note">
          {nowWords(now)}
        </p>
      ) : (
        lightNow !== light && (
          <p class="now-at" role="note">
            {t(`light.${lightNow}`)}
          </p>
        )
      )}
      <div class="actions">
        {isListed && <MoveButtons room={room} request={request} name={name} idle={idle} />}
        {actionsOn(request).map((action) => (
          <EntryButton key={action} action={action} room={room} request={request} name={name} idle={idle} />
        ))}
      </div>
    </li>
  );
}

/** What sets a request apart from an ordinary statement. */
function Marks({ request }: { request: FloorRequest }) {
  return (
    <>
      {request.kind !== "statement" && <span class={`mark ${request.kind}`}>{t(`kind.${request.kind}`)}</span>}
      {request.class === "observer" && <span class="mark">{t("status.observer")}</span>}
      {request.admitted && <span class="mark">{t("order.admitted")}</span>}
      {request.overrode ? (
        <span class="mark moved">{t("order.overrode")}</span>
      ) : request.pinned ? (
        <span class="mark">{t("order.pinned")}</span>
      ) : null}
    </>
  );
}

/** Since when it waits. */
function askedWords(request: FloorRequest, at: number): string {
  const time = timeIn(new Date(request.asked_at));
  const minutes = waitedMinutes(request, at);
  return minutes > 0 ? t("order.asked_for", { time, minutes }) : t("order.asked", { time });
}

function spokenWords(room: Room, request: FloorRequest): string {
  const spoken = room.floor.spoken[request.delegation ?? ""];
  return spoken?.times
    ? t("order.spoken", { times: spoken.times, time: usedText(spoken.consumed_ms) })
    : t("order.not_spoken");
}

/** Where the request of a held row is now. */
function nowWords(now: Elsewhere): string {
  return now.is === "listed" ? t("order.now_listed", { place: ordinal(now.position) }) : t(`order.now_${now.is}`);
}

function EntryButton({
  action,
  room,
  request,
  name,
  idle,
}: {
  action: EntryAction;
  room: Room;
  request: FloorRequest;
  name: string;
  idle: boolean;
}) {
  const words = t(`console.${action}`);
  if (action === "grant") return <GrantButton room={room} request={request} name={name} idle={idle} />;
  if (action === "deny")
    return (
      <WithReason
        danger
        inRow
        idle={idle}
        does={words}
        name={name}
        act={(reason) => void orderCommands.execute("floor.deny", { request: request.id, ...(reason && { reason }) })}
      />
    );
  if (action === "recall") return <Recall room={room} request={request} name={name} idle={idle} />;
  return (
    <OrderButton
      class={action === "accept" ? "strong" : undefined}
      inRow
      idle={idle}
      name={t("console.about", { action: words, name })}
      press={() => void orderCommands.execute(`floor.${action}`, { request: request.id })}
    >
      {words}
    </OrderButton>
  );
}
