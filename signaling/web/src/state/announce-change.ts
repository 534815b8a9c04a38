import { t } from "../i18n";
import { ordinal } from "../i18n/format";
import { nameOf } from "../model/names";
import { absences, isUrgent, urgent } from "../model/order";
import type { Room, You } from "../model/types";
import { announce } from "./notices";

/** Announces to screen readers the most important change for this participant. */
export function announceChange(before: Room, after: Room, you: You): void {
  const words = newQuestion(before, after, you) ?? newPoint(before, after) ?? newHolder(before, after, you) ?? newPlace(before, after, you) ?? newList(before, after);
  if (words) announce(words);
}

/** The chair is asked about an absent holder. */
function newQuestion(before: Room, after: Room, you: You): string | null {
  if (after.floor.chair !== you.person) return null;
  const known = new Set(absences(before.floor).map((speech) => speech.request));
  const speech = absences(after.floor).find(({ request }) => !known.has(request));
  return speech ? t("console.absent_asked", { name: nameOf(after, speech.speaker) }) : null;
}

function newPoint(before: Room, after: Room): string | null {
  const known = new Set(urgent(before.floor).map((point) => point.id));
  const point = urgent(after.floor).find(({ id }) => !known.has(id));
  return point ? t("announce.point", { name: nameOf(after, point.beneficiary) }) : null;
}

function newHolder(before: Room, after: Room, you: You): string | null {
  const was = before.floor.granted[0]?.beneficiary;
  const is = after.floor.granted[0]?.beneficiary;
  if (was === is) return null;
  if (is === you.person) return t("announce.you_granted");
  if (was === you.person && !is) return t("announce.you_ended");
  return is ? t("announce.granted", { name: nameOf(after, is) }) : t("announce.ended");
}

function newPlace(before: Room, after: Room, you: You): string | null {
  const place = placeOf(after, you.person);
  return place && place !== placeOf(before, you.person) ? t("announce.place", { place: ordinal(place) }) : null;
}

function newList(before: Room, after: Room): string | null {
  const { state } = after.floor.list;
  return state === before.floor.list.state ? null : t("announce.list", { state: t(`list.${state}`) });
}

function placeOf(room: Room, person: string): number | null {
  return room.floor.requests.find((r) => r.beneficiary === person && !isUrgent(r.kind))?.position ?? null;
}
