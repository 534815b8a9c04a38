import { t } from "../i18n";
import { languageName } from "../i18n/format";
import { channelOf, FLOOR, hasChoice } from "../model/channels";
import { nameOf } from "../model/names";
import { carriesRecording } from "../model/recording";
import type { Channel, Room, You } from "../model/types";
import { interpreted, listenTo, sound } from "../state/sound";

/** The choice between the floor and the language channels. */
export function SoundChannel({ room }: { room: Room }) {
  if (!hasChoice(room)) return null;
  return (
    <label class="field">
      <span>{t("sound.channel")}</span>
      <select data-testid="sound-channel" value={sound.value} onChange={(e) => listenTo(e.currentTarget.value)}>
        <option value={FLOOR}>{t("sound.floor")}</option>
        {room.channels.map((c) => (
          <option key={c.language} value={c.language} lang={c.language}>
            {optionWords(room, c)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What a listener of a language channel hears now, in words. */
export function SoundNote({ room, you }: { room: Room; you: You }) {
  const channel = hasChoice(room) ? channelOf(room, sound.value) : null;
  return (
    <p class={`sound-note ${channel?.state ?? ""}`} role="status" data-testid="sound-note">
      {channel && noteWords(room, you, channel)}
    </p>
  );
}

function optionWords(room: Room, channel: Channel): string {
  const language = languageName(channel.language);
  if (carriesRecording(room, channel)) return t("sound.of_recording", { language });
  return channel.state === "interpreted" ? language : t("sound.not_interpreted", { language });
}

function noteWords(room: Room, you: You, channel: Channel): string {
  const language = languageName(channel.language);
  const { interpreter } = channel;
  if (channel.state === "interpreted" && interpreter === you.person) return t("sound.own", { language });
  if (channel.state === "interpreted" && interpreter)
    return interpreted.value
      ? t("sound.interpreted", { language, name: nameOf(room, interpreter) })
      : t("sound.begins", { language });
  if (carriesRecording(room, channel) && interpreted.value) return t("sound.recorded", { language });
  return t(channel.state === "interrupted" ? "sound.interrupted" : "sound.passes", { language });
}
