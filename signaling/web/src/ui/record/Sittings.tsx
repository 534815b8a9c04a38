import { Download } from "lucide";
import { t } from "../../i18n";
import { bytes, dayIn, timeIn } from "../../i18n/format";
import { language, sittings } from "../../state/player";
import { Icon } from "../Icon";
import { save } from "./save-file";

/** Each sitting as one file with a chapter for each speech, with the sound that is heard in the player. */
export function Sittings({ zone }: { zone: string | undefined }) {
  if (sittings.value.length === 0) return null;
  return (
    <ul class="player-sittings" aria-label={t("player.sittings")} data-testid="player-sittings">
      {sittings.value.map((sitting) => {
        const [from, to] = [new Date(sitting.from), new Date(sitting.to)];
        const newest = () => sittings.peek().find((it) => it.from === sitting.from) ?? sitting;
        return (
          <li key={sitting.from}>
            <button type="button" onClick={() => void save(newest, language.peek())}>
              <Icon of={Download} />{" "}
              <span>
                {t("player.save_sitting", {
                  day: dayIn(from, zone),
                  from: timeIn(from, zone),
                  to: timeIn(to, zone),
                  size: bytes(sitting.bytes),
                })}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
