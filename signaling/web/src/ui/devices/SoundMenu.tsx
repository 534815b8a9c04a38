import { t } from "../../i18n";
import { room } from "../../state/room";
import { LanguageSwitch } from "../LanguageSwitch";
import { SoundChannel } from "../SoundChannel";

/** Sound and language: the channel, and the language of the page. */
export function SoundMenu() {
  return (
    <section class="menu-part">
      <h2>{t("dock.sound_name")}</h2>
      {room.value && <SoundChannel room={room.value} />}
      <label class="field">
        <span>{t("app.language")}</span>
        <LanguageSwitch />
      </label>
    </section>
  );
}
