import { titleOf } from "../../model/names";
import { conference } from "../../state/session";

/** The title of a room in the page's language; the health of a room has it in one language. */
export function roomName(id: string, title: string): string {
  const room = conference.value?.rooms.find((r) => r.id === id);
  return room ? titleOf(room) : title;
}
