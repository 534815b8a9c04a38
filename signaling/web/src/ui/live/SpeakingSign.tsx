import { Volume2 } from "lucide";
import { t } from "../../i18n";
import { speaking } from "../../state/room";
import { Icon } from "../Icon";

/** That a participant is speaking now, as the server hears it: by shape and for screen readers by a word. It takes up its place always. */
export function SpeakingSign({ person }: { person: string }) {
  const now = speaking.value.has(person);
  return (
    <span class={now ? "speaking-sign now" : "speaking-sign"} title={now ? t("live.speaking") : undefined}>
      {now && (
        <>
          <Icon of={Volume2} />
          <span class="hidden">{t("live.speaking")}</span>
        </>
      )}
    </span>
  );
}
