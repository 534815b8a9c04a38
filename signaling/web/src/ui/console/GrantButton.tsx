import { t } from "../../i18n";
import { grantCommand, grantOf, type Grant } from "../../model/entry";
import { cityOf, nameOf } from "../../model/names";
import type { FloorRequest, Room } from "../../model/types";
import { orderCommands } from "../../state/commands";
import { conference } from "../../state/session";
import { OrderButton } from "./OrderButton";

/** Gives the floor. During a speech it says whose speech it ends, or that it waits for its end, as the rules have it. */
export function GrantButton({
  room,
  request,
  name,
  idle,
}: {
  room: Room;
  request: FloorRequest;
  name: string;
  idle: boolean;
}) {
  const grant = grantOf(room.floor, request);
  const words = grantWords(room, grant);
  const press = () => {
    const command = grantCommand(room.floor, request);
    if (command) void orderCommands.execute(command.type, command.fields);
  };
  return (
    <OrderButton
      class="grant"
      inRow
      idle={idle || grant.does === "is_next"}
      name={t("console.about", { action: words, name })}
      press={press}
    >
      {words}
    </OrderButton>
  );
}

function grantWords(room: Room, grant: Grant): string {
  if (grant.does === "grant") return t("console.grant");
  const { delegation, beneficiary } = grant.holder;
  return t(`console.grant_${grant.does}`, { name: cityOf(conference.value, delegation) ?? nameOf(room, beneficiary) });
}
