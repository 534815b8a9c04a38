import { DEFAULT_TAG, languageTag, t } from "../../i18n";
import { milliseconds, percent } from "../../i18n/format";
import { causeOf, type Cause, type Measured } from "../../model/health";

/** What is wrong with a seat, and on whose side. The server's own sentence is in English. */
export function causeWords(seat: Measured): string | null {
  if (languageTag() === DEFAULT_TAG && seat.cause) return seat.cause;
  const cause = causeOf(seat);
  return cause && figureWords(cause, seat);
}

function figureWords(cause: Cause, seat: Measured): string {
  const values: Partial<Record<Cause, string>> = {
    loss_up: percent(seat.loss_up ?? 0),
    loss_down: percent(seat.loss_down ?? 0),
    jitter: milliseconds(seat.jitter_ms ?? 0),
    rtt: milliseconds(seat.rtt_ms ?? 0),
  };
  return t(`health.cause.${cause}`, { value: values[cause] ?? "" });
}
