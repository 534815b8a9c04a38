import { t } from "../../i18n";
import { clockText } from "../../model/clock";
import { actionsOn, grantFields, lightOf, type EntryAction } from "../../model/entry";
import { nameOf } from "../../model/names";
import type { FloorRequest, Room } from "../../model/types";
import { useCommands, type Commands } from "../../state/commands";
import { Light } from "../Light";
import { Refusal } from "../Refusal";
import { Grip, MoveButtons, useDrop, type ListPlace } from "./reorder";
import { Recall } from "./Recall";
import { WithReason } from "./WithReason";

interface Props {
  room: Room;
  request: FloorRequest;
  /** Its place in the order. A request without one cannot be moved. */
  place?: ListPlace;
}

/** One request: the city, what it asks for, how often it has spoken, its connection, and the chair's actions. */
export function Entry({ room, request, place }: Props) {
  const commands = useCommands();
  const name = nameOf(room, request.beneficiary);
  const drop = useDrop(place, name, commands);
  return (
    <li class={`entry ${drop.over ? "drop-here" : ""}`} data-testid={`entry-${request.beneficiary}`} {...drop.handlers}>
      {place && <Grip request={request} name={name} place={place} commands={commands} />}
      <div class="who">
        <p class="name"><strong>{name}</strong><Marks request={request} /></p>
        <p class="facts"><Light state={lightOf(room, request.beneficiary)} /> · {spokenWords(room, request)}</p>
        {request.info && <p class="facts"><q>{request.info}</q></p>}
      </div>
      <div class="actions">
        {place && <MoveButtons request={request} name={name} place={place} commands={commands} />}
        {actionsOn(request).map((action) => <EntryButton key={action} action={action} room={room} request={request} name={name} commands={commands} />)}
      </div>
      <Refusal commands={commands} />
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
      {request.overrode ? <span class="mark moved">{t("order.overrode")}</span> : request.pinned ? <span class="mark">{t("order.pinned")}</span> : null}
    </>
  );
}

function spokenWords(room: Room, request: FloorRequest): string {
  const spoken = room.floor.spoken[request.delegation ?? ""];
  return spoken?.times ? t("order.spoken", { times: spoken.times, time: clockText(spoken.consumed_ms) }) : t("order.not_spoken");
}

function EntryButton({ action, room, request, name, commands }: { action: EntryAction; room: Room; request: FloorRequest; name: string; commands: Commands }) {
  const words = t(`console.${action}`);
  if (action === "deny") return <WithReason danger does={words} name={name} act={(reason) => void commands.execute("floor.deny", { request: request.id, ...(reason && { reason }) })} />;
  if (action === "recall") return <Recall room={room} request={request} name={name} commands={commands} />;
  const press = () => void (action === "grant" ? commands.execute("floor.grant", grantFields(room.floor, request)) : commands.execute(`floor.${action}`, { request: request.id }));
  return <button type="button" class={action === "accept" ? "strong" : undefined} aria-label={t("console.about", { action: words, name })} onClick={press}>{words}</button>;
}

