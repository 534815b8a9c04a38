import { Lock, Mic, MicOff, Phone, PhoneOff } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { devices, speaker } from "../../media/devices";
import { onSpeaker } from "../../media/speaker";
import { nameOf } from "../../model/names";
import type { Room } from "../../model/types";
import {
  answerTalk,
  hangUpTalk,
  refuseTalk,
  talk,
  talkMuted,
  talkPath,
  talkTrack,
  toggleTalkMicrophone,
} from "../../state/talks";
import { Icon } from "../Icon";

/** The own side talk: a call that rings or is being made, or the talk itself. It takes no focus when it comes. */
export function TalkStrip({ room }: { room: Room }) {
  const own = talk.value;
  if (own.phase === "none") return null;
  const name = nameOf(room, own.other);
  const title = t(`talk.strip.${own.phase}`, { name });
  return (
    <section class={`talk-strip ${own.phase}`} aria-label={title} data-testid="talk-strip">
      <Icon of={own.phase === "talking" ? Lock : Phone} />
      <p>
        <strong>{title}</strong>
        <small data-testid="talk-note">{note()}</small>
      </p>
      <div class="talk-actions">
        {own.phase === "ringing" && (
          <>
            <button type="button" class="strong" onClick={() => void answerTalk()}>
              {t("talk.answer")}
            </button>
            <button type="button" onClick={() => leaving(refuseTalk)}>
              {t("talk.refuse")}
            </button>
          </>
        )}
        {own.phase === "calling" && (
          <button type="button" onClick={() => leaving(hangUpTalk)}>
            {t("talk.give_up")}
          </button>
        )}
        {own.phase === "talking" && (
          <>
            <button type="button" aria-pressed={talkMuted.value} onClick={toggleTalkMicrophone}>
              <Icon of={talkMuted.value ? MicOff : Mic} /> {t("talk.mute")}
            </button>
            <button type="button" class="danger" onClick={() => leaving(hangUpTalk)}>
              <Icon of={PhoneOff} /> {t("talk.hang_up")}
            </button>
          </>
        )}
        {own.phase === "elsewhere" && (
          <button type="button" onClick={() => leaving(hangUpTalk)}>
            {t("talk.hang_up")}
          </button>
        )}
      </div>
      {own.phase === "talking" && <TalkVoice />}
    </section>
  );
}

function note(): string {
  if (talk.value.phase !== "talking") return t(`talk.note.${talk.value.phase === "ringing" ? "ringing" : "other"}`);
  if (talkPath.value !== "connected") return t(`talk.path.${talkPath.value}`);
  return t(talkMuted.value ? "talk.muted" : "talk.note.talking");
}

/** The button goes with its press, so the focus goes where it does no harm. */
function leaving(act: () => Promise<void>): void {
  void act().then(() => {
    if (talk.value.phase === "none") document.getElementById("main-action")?.focus();
  });
}

function TalkVoice() {
  const player = useRef<HTMLAudioElement>(null);
  const track = talkTrack.value;
  const chosen = speaker.value;
  const known = devices.value.some((device) => device.kind === "audiooutput" && device.deviceId === chosen);
  useEffect(() => {
    const audio = player.current;
    if (!audio) return;
    audio.srcObject = track ? new MediaStream([track]) : null;
    if (track) void audio.play().catch(() => undefined);
  }, [track]);
  useEffect(() => {
    if (player.current) onSpeaker(player.current, known ? chosen : undefined);
  }, [chosen, known]);
  return <audio ref={player} data-testid="talk-voice" autoplay />;
}
