import { computed, effect } from "@preact/signals";
import { undoableBy } from "../model/undo";
import { room, you } from "./room";

/** What this participant may undo, in whichever tab it was done. */
export const undoable = computed(() =>
  room.value && you.value ? undoableBy(room.value.floor, you.value.person) : null,
);

/** Who asked, by request: one that was denied is gone from the room, and is still named. */
const beneficiaries = new Map<string, string>();

effect(() => {
  if (!room.value) return beneficiaries.clear();
  for (const { id, beneficiary } of [...room.value.floor.requests, ...room.value.floor.granted])
    beneficiaries.set(id, beneficiary);
});

export function beneficiaryOf(request: string | null | undefined): string | null {
  return (request && beneficiaries.get(request)) || null;
}
