import { t } from "../i18n";
import { camera } from "../media/devices";
import { isOnDeck } from "../model/main-action";
import { heard, room, you } from "../state/room";
import { ServerLevel } from "./ServerLevel";
import { Video } from "./Video";

/** For the participant who is next: a notice, a preview, and the microphone's level as the server receives it. */
export function OnDeck() {
  const r = room.value;
  const me = you.value;
  if (!r || !me || !isOnDeck(r, me)) return null;
  return (
    <section class="on-deck" data-testid="on-deck" aria-label={t("order.on_deck")}>
      {camera.value && (
        <div class="preview">
          <Video track={camera.value} label={t("room.you")} mirrored />
        </div>
      )}
      <div>
        <p class="on-deck-title">{t("order.on_deck")}</p>
        <p class="dim on-deck-hint">{t("order.on_deck_hint")}</p>
        <ServerLevel heard={heard.value} />
      </div>
    </section>
  );
}
