import { t } from "../../i18n";
import { languageName } from "../../i18n/format";
import { isPresent, namedIn, nameOf } from "../../model/names";
import { interpretersIn } from "../../model/permissions";
import { carriesRecording } from "../../model/recording";
import type { Channel, Room } from "../../model/types";
import { consoleCommands } from "../../state/commands";
import { takenBack } from "../chosen";

/** The channels and their interpreters. The chair may assign a channel or clear it. */
export function ChannelDesk({ room }: { room: Room }) {
  const channels = room.channels;
  const interpreters = interpretersIn(room).filter((p) => isPresent(room, p.person));
  if (interpreters.length === 0 && channels.every((c) => c.state === "floor")) return null;
  return (
    <>
      <h3>{t("channels.title")}</h3>
      <ul class="order">
        {channels.map((c) => (
          <Row key={c.language} room={room} channel={c} able={interpreters.filter((p) => p.person !== c.interpreter)} />
        ))}
      </ul>
    </>
  );
}

function Row({ room, channel, able }: { room: Room; channel: Channel; able: Room["participants"] }) {
  const { language } = channel;
  const assign = (person: string) => person && void consoleCommands.execute("channel.assign", { language, person });
  const isSomebodys = channel.interpreter ?? channel.lost;
  return (
    <li class="entry person" data-testid={`channel-${language}`}>
      <div class="who">
        <p class="name">
          <strong lang={language}>{languageName(language)}</strong>
          {channel.state === "interrupted" && <span class="mark moved">{t("channels.interrupted")}</span>}
        </p>
        <p class="facts">
          {channel.interpreter
            ? t(`channels.by_${channel.state === "interrupted" ? "lost" : "whom"}`, {
                name: nameOf(room, channel.interpreter),
              })
            : t(carriesRecording(room, channel) ? "channels.recorded" : "channels.nobody")}
        </p>
      </div>
      <div class="actions">
        {able.length > 0 && (
          <select
            class="move-to"
            aria-label={t("channels.assign", { language: languageName(language) })}
            value=""
            onChange={(e) => assign(takenBack(e))}
          >
            <option value="">{t("channels.assign_to")}</option>
            {able.map((p) => (
              <option key={p.person} value={p.person}>
                {namedIn(p)}
              </option>
            ))}
          </select>
        )}
        {isSomebodys && (
          <button type="button" onClick={() => void consoleCommands.execute("channel.clear", { language })}>
            {t("channels.clear")}
          </button>
        )}
      </div>
    </li>
  );
}
