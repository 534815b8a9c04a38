import { computed } from "@preact/signals";
import { mayOf } from "../model/permissions";
import { you } from "./room";
import { granted } from "./session";

/** What this participant may do: as the room says it, or before a seat is taken as the invitation does. */
export const may = computed(() => mayOf(you.value?.may ?? granted.value));
