import { Play } from "lucide";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import type { Moment } from "../../model/player";
import { play } from "../../state/player";
import { Icon } from "../Icon";

interface Props {
  at: Date;
  /** Where it can be seen; `null` if it was not recorded. */
  moment: Moment | null;
  /** What is seen then, for those who do not see the line. */
  what: string;
  zone: string | undefined;
}

/** A time of the record. If that moment was recorded, a press plays it. */
export function PlayAt({ at, moment, what, zone }: Props) {
  const time = timeIn(at, zone);
  if (!moment) return <time dateTime={at.toISOString()}>{time}</time>;
  return (
    <button
      type="button"
      class="play-at"
      aria-label={t("player.play", { what, time })}
      data-testid="play-at"
      onClick={() => play(moment)}
    >
      <Icon of={Play} />
      <time dateTime={at.toISOString()}>{time}</time>
    </button>
  );
}
