import { language, t } from "../../i18n";
import { milliseconds, percent } from "../../i18n/format";
import { causeOf, type Cause, type Seat } from "../../model/health";

/** What is wrong with a seat and whose side it is on: the server's own sentence, or ours in another language. */
export function causeWords(seat: Seat): string | null {
  if (language.value === "en" && seat.cause) return seat.cause;
  const cause = causeOf(seat);
  return cause && figureWords(cause, seat);
}

function figureWords(cause: Cause, seat: Seat): string {
  const values: Partial<Record<Cause, string>> = {
    loss_up: percent(seat.lossUp ?? 0),
    loss_down: percent(seat.lossDown ?? 0),
    jitter: milliseconds(seat.jitterMs ?? 0),
    rtt: milliseconds(seat.rttMs ?? 0),
  };
  return t(`health.cause.${cause}`, { value: values[cause] ?? "" });
}
