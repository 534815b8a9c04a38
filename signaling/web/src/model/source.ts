/** A microphone or a camera of this device. */
export interface SourceState {
  phase:
    /** Nothing is wanted from it. */
    | "off"
    /** It is being opened at the participant's wish. */
    | "opening"
    /** It could not be opened. */
    | "unavailable"
    | "on"
    /** It ended by itself, and another device is being opened in its place. */
    | "replacing"
    /** Nothing took its place. */
    | "lost"
    /** Another try, because the devices have changed or the page was shown again. */
    | "retrying";
  /** The device is there and gives nothing: the system has muted it, or another program has it. */
  silent: boolean;
}

export type SourceInput =
  | "wanted"
  | "unwanted"
  | "opened"
  | "failed"
  /** The participant has chosen another device, and it is open. */
  | "switched"
  /** Unplugged, out of reach, or no longer permitted. */
  | "ended"
  | "muted"
  | "unmuted"
  | "devices_changed"
  /** The page was shown again: a permission may have been given meanwhile. */
  | "woke";

export type SourceEffect =
  | { do: "open" }
  /** Lets go of the device. */
  | { do: "close" }
  | { do: "tell"; news: SourceNews };

/** What the participant has to know at once. */
export type SourceNews = "replaced" | "lost" | "silent" | "restored";

export interface SourceStep {
  state: SourceState;
  effects: SourceEffect[];
}

export const OFF: SourceState = { phase: "off", silent: false };

/**
 * A source after an input. One that ends without the participant's wish is replaced by another device, or said to be lost;
 * then every change of the devices is another try.
 */
export function sourceStep(state: SourceState, input: SourceInput): SourceStep {
  const { phase } = state;
  const to = (next: SourceState["phase"], ...effects: SourceEffect[]): SourceStep => ({
    state: { phase: next, silent: false },
    effects,
  });
  const unchanged = { state, effects: [] };
  switch (input) {
    // Closed first, because not every system opens two devices of a kind at once.
    case "wanted":
      return to("opening", { do: "close" }, { do: "open" });
    case "unwanted":
      return to("off", { do: "close" });
    case "opened":
      if (phase === "replacing") return to("on", { do: "tell", news: "replaced" });
      if (phase === "retrying") return to("on", { do: "tell", news: "restored" });
      return phase === "opening" ? to("on") : unchanged;
    case "switched":
      return phase === "on" ? to("on") : unchanged;
    case "failed":
      if (phase === "replacing") return to("lost", { do: "tell", news: "lost" });
      if (phase === "retrying") return to("lost");
      // The participant is told where the device is chosen.
      return phase === "opening" ? to("unavailable") : unchanged;
    case "ended":
      return phase === "on" ? to("replacing", { do: "close" }, { do: "open" }) : unchanged;
    case "devices_changed":
      if (phase === "unavailable") return to("opening", { do: "open" });
      return phase === "lost" ? to("retrying", { do: "open" }) : unchanged;
    // A device that was never allowed is not asked for again and again.
    case "woke":
      return phase === "lost" ? to("retrying", { do: "open" }) : unchanged;
    case "muted":
      return phase === "on" && !state.silent
        ? { state: { ...state, silent: true }, effects: [{ do: "tell", news: "silent" }] }
        : unchanged;
    case "unmuted":
      return state.silent
        ? { state: { ...state, silent: false }, effects: [{ do: "tell", news: "restored" }] }
        : unchanged;
  }
}
