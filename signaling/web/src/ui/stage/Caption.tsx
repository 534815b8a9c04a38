import { WifiOff } from "lucide";
import { t } from "../../i18n";
import { factLine } from "../../i18n/isolate";
import { cityOf, nameOf } from "../../model/names";
import { isRecorded } from "../../model/recording";
import { withheld, type OnStage } from "../../model/on-stage";
import type { Room, Speech } from "../../model/types";
import { slots } from "../../state/room";
import { conference } from "../../state/session";
import { Clock } from "../Clock";
import { speechOf } from "../console/Holder";
import { Icon } from "../Icon";
import { Position } from "../Position";
import { LiveStatus } from "../live/LiveStatus";
import { SpeakingSign } from "../live/SpeakingSign";

/** The strip below the picture: name, city, office or kind of speech, state, clock. Its height never changes. */
export function Caption({ room: r, on, mine }: { room: Room; on: OnStage; mine: boolean }) {
  const speech = on?.as === "speaker" ? speechOf(r, on.request) : null;
  return (
    <div class="caption" data-testid="caption">
      {on && (
        <div class="caption-who">
          <strong>
            <bdi>{nameOf(r, on.person)}</bdi>
            <SpeakingSign person={on.person} />
          </strong>
          {isRecorded(speech) ? (
            <span class="with-position">
              <span>{factLine(facts(r, on))}</span>
              <Position speech={speech} />
            </span>
          ) : (
            <span>{factLine(facts(r, on))}</span>
          )}
        </div>
      )}
      <Withheld />
      <Status speech={speech} mine={mine} />
      {speech && <Clock speech={speech} announces />}
    </div>
  );
}

function facts(r: Room, on: NonNullable<OnStage>): (string | null)[] {
  if (on.as === "chair") return [t("room.chairing"), on.priority ? t("stage.priority") : null];
  const others = r.floor.granted.filter((g) => g.id !== on.request.id && g.substate !== "suspended");
  return [
    cityOf(conference.value, on.request.delegation),
    t(`kind.${on.request.kind}`),
    ...others.map((g) => t("room.also", { name: nameOf(r, g.beneficiary) })),
  ];
}

/** How many pictures the server withholds, and why. */
function Withheld() {
  const count = withheld(slots.value.values());
  if (count === 0) return null;
  const words = t(count === 1 ? "stage.withheld_one" : "stage.withheld", { count });
  return (
    <p class="withheld" role="status" data-testid="withheld" title={words}>
      <Icon of={WifiOff} />
      <span>{words}</span>
    </p>
  );
}

/** Why the holder is not heard; on the device of the participant on stage, whether the server hears it. */
function Status({ speech, mine }: { speech: Speech | null; mine: boolean }) {
  if (mine && isRecorded(speech) && !speech.suspended_by?.length)
    return (
      <span class="suspended" data-testid="live-status">
        {t("recording.yours")}
      </span>
    );
  if (mine && !isRecorded(speech)) return <LiveStatus speech={speech} />;
  const cause = speech?.suspended_by?.[0];
  return cause ? <span class="suspended">{t(`cause.${cause}`)}</span> : null;
}
