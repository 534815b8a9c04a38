import { t } from "../i18n";
import { ordinal } from "../i18n/format";
import { nameOf } from "../model/names";
import type { Room, You } from "../model/types";
import { announce } from "./notices";

/** Says in the live region what changed for this person: the floor, the own place, the list. */
export function announceChange(before: Room, after: Room, you: You): void {
  const was = before.floor.granted[0]?.beneficiary;
  const is = after.floor.granted[0]?.beneficiary;
  if (was !== is) {
    if (is === you.person) announce(t("announce.you_granted"));
    else if (was === you.person && !is) announce(t("announce.you_ended"));
    else announce(is ? t("announce.granted", { name: nameOf(after, is) }) : t("announce.ended"));
    return;
  }
  const place = placeOf(after, you.person);
  if (place && place !== placeOf(before, you.person)) announce(t("announce.place", { place: ordinal(place) }));
  else if (before.floor.list.state !== after.floor.list.state) {
    announce(t("announce.list", { state: t(`list.${after.floor.list.state}`) }));
  }
}

function placeOf(room: Room, person: string): number | null {
  return room.floor.requests.find((r) => r.beneficiary === person)?.position ?? null;
}
