import { signal } from "@preact/signals";
import { t } from "../i18n";
import { camera, microphone, microphoneOn, talking } from "../media/devices";
import { mainAction } from "../model/main-action";
import { asksToSpeak, sendsPictures, sendsSound } from "../model/permissions";
import { shortcut, type KeyPress, type KeyState } from "../model/shortcuts";
import { keep, kept } from "../session/storage";
import { execute } from "./commands";
import { announce } from "./notices";
import { toggleCamera, toggleMicrophone } from "./own-sources";
import { panel, sheetOpen, tabs } from "./panels";
import { may } from "./permissions";
import { connected, room, you } from "./room";
import { reading } from "./session";
import { isAside } from "./talks";

const STORAGE_KEY = "plenary.keys";

/** Whether single keys do something. A participant who dictates, or whose keyboard slips, turns them off (WCAG 2.1.4). */
export const shortcutsOn = signal(kept("machine", STORAGE_KEY) !== "off");
/** Whether the list of keys is open. */
export const keysShown = signal(false);

export function turnShortcuts(on: boolean): void {
  shortcutsOn.value = on;
  keep("machine", STORAGE_KEY, on ? null : "off");
}

/** What the keys depend on, of this participant. */
export function keyState(): KeyState {
  return {
    on: shortcutsOn.value,
    dialog: isOverlaid(),
    sendsSound: sendsSound(may.value),
    sendsPictures: sendsPictures(may.value),
    asksToSpeak: asksToSpeak(may.value),
    interprets: may.value.has("channel.take"),
    muted: microphone.value !== null && !microphoneOn.value && !isAside.value,
    // The proceedings stand in the place of the tabs.
    tabs: reading.value === null ? tabs.value.length : 0,
  };
}

/** Listens for the keys of the room, until the returned function is called. */
export function listenForKeys(): () => void {
  const down = (event: KeyboardEvent) => !event.defaultPrevented && act(event);
  const up = (event: KeyboardEvent) => event.key === " " && endTalk();
  addEventListener("keydown", down);
  // Before anything that keeps the key for itself: nobody stays heard who has let go.
  addEventListener("keyup", up, true);
  addEventListener("blur", endTalk);
  document.addEventListener("visibilitychange", endTalk);
  return () => {
    endTalk();
    removeEventListener("keydown", down);
    removeEventListener("keyup", up, true);
    removeEventListener("blur", endTalk);
    document.removeEventListener("visibilitychange", endTalk);
  };
}

/** Whether a dialog or a menu lies over the room. */
export function isOverlaid(): boolean {
  return document.querySelector("dialog[open], :popover-open") !== null;
}

function act(event: KeyboardEvent): void {
  const action = shortcut(pressOf(event), keyState());
  // While the key is held the space bar would scroll.
  if (action || (event.key === " " && talking.value)) event.preventDefault();
  switch (action?.does) {
    case "help":
      return void (keysShown.value = true);
    case "microphone":
      // A side talk announces it by itself.
      if (isAside.value) return void toggleMicrophone();
      return void toggleMicrophone().then(() =>
        announce(t(microphone.value && microphoneOn.value ? "keys.microphone_on" : "keys.microphone_off")),
      );
    case "camera":
      return void toggleCamera().then(() => announce(t(camera.value ? "keys.camera_on" : "keys.camera_off")));
    case "talk":
      return void (talking.value = true);
    case "ask":
      return void ask();
    case "tab":
      return showTab(action.index);
  }
}

function endTalk(): void {
  talking.value = false;
}

let asking = false;

/** Asks for the floor if that is possible now, and says why not. It withdraws nothing, and ends no speech. */
async function ask(): Promise<void> {
  const [r, me] = [room.value, you.value];
  if (!r || !me || asking) return;
  const action = mainAction(r.floor, me, connected.value);
  if (action.does === "nothing") return announce(t(`main.${action.why}`));
  if (action.does !== "ask") return;
  asking = true;
  await execute("floor.request").finally(() => (asking = false));
}

/** Shows a panel, and goes to its tab, so that a screen reader says which it is. */
function showTab(index: number): void {
  const id = tabs.value[index];
  if (!id) return;
  panel.value = id;
  sheetOpen.value = true;
  requestAnimationFrame(() => document.getElementById(`tab-${id}`)?.focus());
}

function pressOf(event: KeyboardEvent): KeyPress {
  return {
    key: event.key,
    code: event.code,
    shift: event.shiftKey,
    repeat: event.repeat,
    modified: event.ctrlKey || event.altKey || event.metaKey || event.getModifierState("AltGraph"),
    // 229: the input method has the key, in browsers that say so before the composition begins.
    composing: event.isComposing || event.keyCode === 229,
    focus: focusOf(event.target),
  };
}

/** What takes letters, digits or both. */
const FIELDS =
  "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [role=textbox], [role=combobox], [role=listbox]";

function focusOf(target: EventTarget | null): KeyPress["focus"] {
  if (!(target instanceof HTMLElement) || target === document.body || target === document.documentElement)
    return "nothing";
  return target.isContentEditable || target.matches(FIELDS) ? "field" : "control";
}
