import { signal } from "@preact/signals";
import { execute, type Commands } from "../../state/commands";

/** The commands of the dock. A refusal is shown in the band's place, because the dock has no room and must not move. */
export const dockCommands: Commands = { refused: signal(null), execute };
