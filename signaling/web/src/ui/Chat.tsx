import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { nameOf } from "../model/names";
import { execute } from "../state/commands";
import { room } from "../state/room";
import { Audience } from "../wire/generated/socket";
import { chosen } from "./chosen";

/** Written messages, to everyone or to the moderators. */
export function Chat() {
  const text = useSignal("");
  const to = useSignal<Audience>("room");
  const r = room.value;
  if (!r) return null;
  const post = async (e: Event) => {
    e.preventDefault();
    if (text.value.trim() && (await execute("chat.post", { text: text.value, to: to.value }))) text.value = "";
  };
  return (
    <section class="panel chat">
      <h2>{t("chat.title")}</h2>
      {r.chat.length === 0 && <p class="empty">{t("chat.empty")}</p>}
      <ul role="log">{r.chat.map((line) => <li key={line.id}><strong>{nameOf(r, line.from)}</strong>{line.to === "moderators" && <small> {t("chat.only_moderators")}</small>}<p>{line.text}</p></li>)}</ul>
      <form onSubmit={(e) => void post(e)}>
        <select aria-label={t("chat.title")} value={to.value} onChange={(e) => (to.value = chosen(Audience, e) ?? "room")}>
          <option value="room">{t("chat.to_room")}</option><option value="moderators">{t("chat.to_moderators")}</option>
        </select>
        <input aria-label={t("chat.placeholder")} placeholder={t("chat.placeholder")} maxLength={2000} value={text.value} onInput={(e) => (text.value = e.currentTarget.value)} />
        <button type="submit">{t("chat.send")}</button>
      </form>
    </section>
  );
}
