/** A key as it was pressed. */
export interface KeyPress {
  key: string;
  /** Where the key is, whatever is written on it. */
  code: string;
  shift: boolean;
  /** Control, Alt, AltGr or the system's key is held. */
  modified: boolean;
  repeat: boolean;
  /** An input method is composing a character. */
  composing: boolean;
  /** What has the focus: nothing, something that takes letters, or another control. */
  focus: "nothing" | "control" | "field";
}

/** What the keys depend on. */
export interface KeyState {
  /** The participant may turn all of them off (WCAG 2.1.4). */
  on: boolean;
  /** A dialog or a menu is open, and has the keys for itself. */
  dialog: boolean;
  sendsSound: boolean;
  sendsPictures: boolean;
  asksToSpeak: boolean;
  interprets: boolean;
  /** Whether the microphone is there and off. */
  muted: boolean;
  /** The number of tabs beside the stage. */
  tabs: number;
}

export type ShortcutAction =
  | { does: "help" | "microphone" | "camera" | "talk" | "ask" }
  /** Counted from 0. */
  | { does: "tab"; index: number };

/** What a key does now; `null` if it is left to the browser. */
export function shortcut(press: KeyPress, state: KeyState): ShortcutAction | null {
  if (!state.on || state.dialog || press.modified || press.repeat || press.composing || press.focus === "field")
    return null;
  const key = keyOf(press);
  if (key === "?") return { does: "help" };
  // With Shift a letter is another key; a digit and the question mark need it on some keyboards.
  const digit = /^[1-9]$/.test(key) ? Number(key) : 0;
  if (digit > 0) return digit <= state.tabs ? { does: "tab", index: digit - 1 } : null;
  if (press.shift) return null;
  switch (key) {
    case "m":
      return state.sendsSound ? { does: "microphone" } : null;
    case "v":
      return state.sendsPictures ? { does: "camera" } : null;
    case "f":
      return state.asksToSpeak ? { does: "ask" } : null;
    // On a control the space bar presses it.
    case " ":
      return state.sendsSound && state.muted && press.focus === "nothing" ? { does: "talk" } : null;
    default:
      return null;
  }
}

/** A row of the list of keys. */
export type ShortcutRow = { keys: string; does: "help" | "microphone" | "camera" | "talk" | "ask" | "cough" | "tabs" };

/** The keys that this participant has, in the order in which they are listed. */
export function shortcutRows({
  sendsSound,
  sendsPictures,
  asksToSpeak,
  interprets,
  tabs,
}: Omit<KeyState, "on" | "dialog" | "muted">): ShortcutRow[] {
  const rows: (ShortcutRow | false)[] = [
    sendsSound && { keys: "M", does: "microphone" },
    sendsSound && { keys: "space", does: "talk" },
    sendsPictures && { keys: "V", does: "camera" },
    interprets && { keys: "C", does: "cough" },
    asksToSpeak && { keys: "F", does: "ask" },
    { keys: `1–${tabs}`, does: "tabs" },
    { keys: "?", does: "help" },
  ];
  return rows.filter((row) => row !== false);
}

/** What a key says. A keyboard with another script has the letters where the Latin one has them. */
function keyOf({ key, code }: KeyPress): string {
  if (/^[\x20-\x7e]$/.test(key)) return key.toLowerCase();
  // Named keys such as Tab and Process are longer than one character.
  return [...key].length === 1 ? (/^Key([A-Z])$/.exec(code)?.[1] ?? "").toLowerCase() : "";
}
