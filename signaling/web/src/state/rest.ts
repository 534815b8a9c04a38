import { signal, type ReadonlySignal } from "@preact/signals";
import { AWAKE, isResting, rest, type RestInput } from "../model/rest";
import { stopwatch } from "./server-clock";

/** Whether some buttons rest, and what makes them rest. */
interface Resting {
  rests: ReadonlySignal<boolean>;
  /** Whether a new order has not come or was not drawn yet: then not even a key moves an entry. */
  busy: ReadonlySignal<boolean>;
  /** The order has changed, and is about to be drawn. */
  changed(): void;
  /** Sends a command, unless the buttons rest; `null` then. */
  press<T>(send: () => Promise<T>): Promise<T | null>;
  /** Sends a command whether they rest or not: for what ends and starts nothing. */
  always<T>(send: () => Promise<T>): Promise<T>;
}

/** All buttons that change the order. */
export const orderRest = resting();
/** The buttons in the rows of the order, which rest too when their rows have moved. */
export const rowsRest = resting();

function resting(): Resting {
  let state = AWAKE;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rests = signal(false);
  const busy = signal(false);
  const refresh = () => {
    const now = stopwatch();
    rests.value = isResting(state, now);
    busy.value = state.sent > 0 || state.undrawn;
    clearTimeout(timer);
    if (now < state.until) timer = setTimeout(refresh, state.until - now);
  };
  const take = (input: RestInput) => {
    state = rest(state, input);
    refresh();
    if (input.type === "changed" || input.type === "replied")
      afterPaint(() => take({ type: "drawn", at: stopwatch() }));
  };
  const always = async <T>(send: () => Promise<T>): Promise<T> => {
    take({ type: "sent" });
    try {
      return await send();
    } finally {
      take({ type: "replied" });
    }
  };
  return {
    rests,
    busy,
    changed: () => take({ type: "changed" }),
    press: (send) => (rests.value ? Promise.resolve(null) : always(send)),
    always,
  };
}

/** Once the page shows what was drawn. A hidden tab draws nothing, so there it waits until the tab is shown. */
function afterPaint(then: () => void): void {
  requestAnimationFrame(() => setTimeout(then));
}
