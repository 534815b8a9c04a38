import { t } from "../../i18n";
import { factLine } from "../../i18n/isolate";
import { nameOf } from "../../model/names";
import { isRecorded } from "../../model/recording";
import type { FloorRequest, Room, Speech } from "../../model/types";
import { consoleCommands, orderCommands } from "../../state/commands";
import { Clock } from "../Clock";
import { OrderButton } from "./OrderButton";
import { RecordingActions } from "./RecordingActions";
import { WithReason } from "./WithReason";

const EXTENSION_MINUTES = [1, 2, 5];

/** A holder of the floor, and the chair's actions. The place and its buttons stay while nobody holds the floor. */
export function Holder({
  room,
  request,
  paused,
}: {
  room: Room;
  request: FloorRequest | null;
  paused: FloorRequest[];
}) {
  const speech = request && speechOf(room, request);
  const name = request ? nameOf(room, request.beneficiary) : "";
  const idle = request === null;
  const title = isRecorded(speech) ? factLine([t("kind.address"), speech.recorded.name]) : t("console.holder");
  const id = { request: request?.id ?? "" };
  const suspended = request?.substate === "suspended";
  const toggle = suspended ? "resume" : "suspend";
  return (
    <div
      class={`holder ${request?.substate ?? "none"}`}
      data-testid={idle ? "no-holder" : "holder"}
      role="group"
      aria-label={t("console.holder")}
    >
      <p class="eyebrow">
        {paused.length > 0
          ? t("console.holder_paused", { names: paused.map((each) => nameOf(room, each.beneficiary)).join(", ") })
          : title}
      </p>
      <div class="holder-name">
        <strong>{idle ? t("room.stage_empty") : <bdi>{name}</bdi>}</strong>
        {speech && <Clock speech={speech} />}
      </div>
      {request && isRecorded(speech) ? (
        <RecordingActions request={request} speech={speech} />
      ) : (
        <div class="holder-actions">
          {EXTENSION_MINUTES.map((minutes) => (
            <OrderButton
              key={minutes}
              idle={idle}
              name={t("console.extend", { minutes })}
              press={() => void orderCommands.execute("floor.extend", { ...id, by_ms: minutes * 60_000 })}
            >
              {t("console.extend_short", { minutes })}
            </OrderButton>
          ))}
          {/* The keys keep each button the same element, with its focus, when somebody else takes the floor. */}
          {request ? (
            <Mute key="mute" room={room} person={request.beneficiary} />
          ) : (
            <OrderButton key="no-mute" idle>
              {t("console.mute")}
            </OrderButton>
          )}
          <OrderButton key="pause" idle={idle} press={() => void orderCommands.execute(`floor.${toggle}`, id)}>
            {t(`console.${toggle}`)}
          </OrderButton>
          <WithReason
            danger
            idle={idle}
            does={t("console.revoke")}
            name={name}
            act={(reason) => void orderCommands.execute("floor.revoke", { ...id, ...(reason && { reason }) })}
          />
        </div>
      )}
    </div>
  );
}

export function speechOf(room: Room, request: FloorRequest): Speech | null {
  return room.floor.speeches.find((speech) => speech.request === request.id) ?? null;
}

export function Mute({ room, person }: { room: Room; person: string }) {
  const muted = room.participants.find((p) => p.person === person)?.muted === true;
  return (
    <button
      type="button"
      aria-pressed={muted}
      onClick={() => void consoleCommands.execute("participant.mute", { person, on: !muted })}
    >
      {t(muted ? "console.unmute" : "console.mute")}
    </button>
  );
}
