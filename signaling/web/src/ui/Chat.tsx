import { useSignal, useSignalEffect } from "@preact/signals";
import { t } from "../i18n";
import { momentIn } from "../i18n/format";
import { AUDIENCES, audienceOf, type Audience } from "../model/messages";
import { nameOf } from "../model/names";
import type { ChatLine, Room } from "../model/types";
import { useCommands } from "../state/commands";
import { areMessagesShown, audience, draft, markRead, messages } from "../state/messages";
import { may } from "../state/permissions";
import { room, you } from "../state/room";
import { serverNow } from "../state/server-clock";
import { Refusal } from "./Refusal";

/** Written messages, to everyone, to the moderators or to the operators. */
export function Chat() {
  const r = room.value;
  useSignalEffect(() => {
    if (areMessagesShown()) markRead();
  });
  if (!r) return null;
  return (
    <section class="panel chat">
      <h2>{t("chat.title")}</h2>
      {messages.value.length === 0 && <p class="empty">{t("chat.empty")}</p>}
      <Log lines={messages.value} room={r} />
      {may.value.has("chat.post") && <Composer />}
    </section>
  );
}

/** The messages. The newest stay in view, unless the reader has scrolled to older ones; the style sheet does that. */
function Log({ lines, room: r }: { lines: ChatLine[]; room: Room }) {
  return (
    <div class="chat-log" role="log" aria-label={t("chat.title")} tabIndex={0}>
      <ul>
        {lines.map((line) => (
          <Line key={line.id} line={line} room={r} />
        ))}
      </ul>
    </div>
  );
}

function Line({ line, room: r }: { line: ChatLine; room: Room }) {
  const own = line.from === you.value?.person;
  const to = audienceOf(line);
  const at = new Date(line.at);
  return (
    <li class={own ? "own" : undefined} data-testid="message">
      <p class="chat-head">
        <strong>
          <bdi>{own ? t("chat.you") : nameOf(r, line.from)}</bdi>
        </strong>
        {to !== "room" && <span class="tag">{t(to ? `chat.to_${to}` : "chat.to_others")}</span>}
        {line.help && <span class="tag">{t("chat.help")}</span>}
        <time dateTime={line.at}>{momentIn(at, new Date(serverNow()))}</time>
      </p>
      <p class="chat-text" dir="auto">
        {line.text}
      </p>
    </li>
  );
}

/** The message that is being written, and for whom. It stays until the server has taken it. */
function Composer() {
  const commands = useCommands();
  const sending = useSignal(false);
  const to = audience.value;
  const post = async (e: Event) => {
    e.preventDefault();
    const text = draft.value;
    if (!text.trim() || sending.value) return;
    sending.value = true;
    const sent = await commands.execute("chat.post", { text, to });
    sending.value = false;
    if (sent && draft.value === text) draft.value = "";
  };
  return (
    <form class={`composer to-${to}`} onSubmit={(e) => void post(e)}>
      <fieldset class="bare audiences">
        <legend class="hidden">{t("chat.audience")}</legend>
        {AUDIENCES.map((each: Audience) => (
          <label key={each} class={each === to ? "chosen" : undefined}>
            <input
              type="radio"
              name="audience"
              value={each}
              checked={each === to}
              onChange={() => (audience.value = each)}
              data-testid={`audience-${each}`}
            />
            <span>{t(`chat.audience_${each}`)}</span>
          </label>
        ))}
      </fieldset>
      <input
        aria-label={t(`chat.write_${to}`)}
        placeholder={t(`chat.write_${to}`)}
        maxLength={2000}
        autocomplete="off"
        dir="auto"
        data-testid="message-text"
        value={draft.value}
        onInput={(e) => (draft.value = e.currentTarget.value)}
      />
      <button type="submit" class="strong" aria-disabled={sending.value} data-testid="send-message">
        {t(`chat.send_${to}`)}
      </button>
      <Refusal commands={commands} />
    </form>
  );
}
