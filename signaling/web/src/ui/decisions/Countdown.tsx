import { t } from "../../i18n";
import { clockText } from "../../model/clock";
import { useNow } from "../useNow";

/** The time until a decision closes. */
export function Countdown({ until }: { until: string }) {
  const left = Math.max(0, Date.parse(until) - useNow(500));
  return (
    <p class="countdown" role="timer">
      {t("decision.closes_in", { time: clockText(left) })}
    </p>
  );
}
