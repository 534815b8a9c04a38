import { t } from "../../i18n";
import type { Room, You } from "../../model/types";
import { shape } from "../../state/panels";
import { AbsentMatter } from "../console/AbsentQuestion";
import { RecordingMatter } from "../console/RecordingQuestion";
import { DeviceArrival } from "../devices/DeviceArrival";
import { MutedSpeechNote } from "../devices/MutedSpeechNote";
import { OpenDecision } from "../decisions/OpenDecision";
import { OnDeck } from "../OnDeck";
import { PointOfOrder } from "../PointOfOrder";
import { RecordingFailed } from "../recorded/RecordingFailed";
import { SoundNote } from "../SoundChannel";
import { TalkStrip } from "../talks/TalkStrip";
import { UpgradeNote } from "../UpgradeNote";
import { Voices } from "../Voices";

/**
 * What the participant has to decide or know now. It grows upwards from the dock, below the panel or the stage, which give
 * way, so that no control moves when it comes.
 */
export function Matters({ room, you }: { room: Room; you: You }) {
  return (
    <section class="matters" aria-label={t("shell.matters")}>
      <TalkStrip room={room} />
      {shape.value !== "wide" && <MutedSpeechNote />}
      <PointOfOrder room={room} />
      <AbsentMatter room={room} />
      <RecordingMatter room={room} />
      <RecordingFailed room={room} />
      <OpenDecision room={room} you={you} />
      <OnDeck />
      <DeviceArrival />
      <SoundNote room={room} you={you} />
      <Voices />
      <UpgradeNote />
    </section>
  );
}
