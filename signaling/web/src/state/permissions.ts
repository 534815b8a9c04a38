import { computed } from "@preact/signals";
import { mayOf } from "../model/permissions";
import { you } from "./room";
import { granted } from "./session";

/** The participant's permissions: the room's, or before a seat is taken the invitation's. */
export const may = computed(() => mayOf(you.value?.may ?? granted.value));
