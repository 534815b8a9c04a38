import { t } from "../../i18n";
import { nameOf } from "../../model/names";
import type { FloorRequest, Room, Speech } from "../../model/types";
import { absences } from "../../model/order";
import { orderCommands } from "../../state/commands";
import { isHeadShown } from "../../state/panels";
import { may } from "../../state/permissions";
import { mayChair } from "./Console";
import { OrderButton } from "./OrderButton";

/** The question about an absent holder, for the chair whose console is closed. */
export function AbsentMatter({ room }: { room: Room }) {
  const asked = askedAbout(room);
  if (!asked || isHeadShown() || !may.value.has("floor.wait") || !mayChair(room)) return null;
  return <AbsentQuestion room={room} {...asked} />;
}

/** The absent holder about whom the chair is asked first. */
export function askedAbout({ floor }: Room): { speech: Speech; request: FloorRequest } | null {
  const [speech] = absences(floor);
  const request = floor.granted.find((g) => g.id === speech?.request);
  return speech && request ? { speech, request } : null;
}

/** The holder has been disconnected for longer than the grace. The question stays until the chair has answered it. */
export function AbsentQuestion({ room, speech, request }: { room: Room; speech: Speech; request: FloorRequest }) {
  const name = nameOf(room, speech.speaker);
  const answer = (does: "wait" | "pass" | "revoke", words: string) => (
    <OrderButton
      class={does === "revoke" ? "danger" : undefined}
      name={t("console.about", { action: words, name })}
      press={() => void orderCommands.execute(`floor.${does}`, { request: request.id })}
    >
      {words}
    </OrderButton>
  );
  return (
    <div class="note warn" role="group" aria-label={t("console.absent_question")} data-testid="absent-question">
      <p>{t("console.absent_asked", { name })}</p>
      <div class="actions">
        {answer("wait", t("console.wait", { seconds: graceOf(room) }))}
        {request.kind !== "point_of_order" && answer("pass", t("console.pass_keep"))}
        {answer("revoke", t("console.revoke"))}
      </div>
    </div>
  );
}

/** The holder has just lost the connection, or the chair has decided to wait. */
export function Waiting({ room, speech }: { room: Room; speech: Speech }) {
  return (
    <p class="note warn" role="note">
      {t(speech.waits_until ? "console.waiting" : "console.absent", {
        name: nameOf(room, speech.speaker),
        seconds: graceOf(room),
      })}
    </p>
  );
}

function graceOf(room: Room): number {
  return Math.round(room.floor.settings.reconnect_grace_ms / 1000);
}
