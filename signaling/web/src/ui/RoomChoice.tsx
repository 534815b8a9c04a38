import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { timeIn } from "../i18n/format";
import { aboutMinutes } from "../model/estimate";
import type { RoomListed } from "../model/types";
import { instantOf } from "../model/zone";
import { conference, token } from "../state/session";
import { rooms as fetchRooms } from "../wire/http";

const REFRESH_MS = 15_000;

interface Props {
  /** The rooms that the invitation opens. */
  rooms: { id: string; title: string }[];
  chosen: string;
  choose(room: string): void;
}

/** The choice of a room, with the agenda item that is on in each. */
export function RoomChoice({ rooms, chosen, choose }: Props) {
  const now = useSignal<Map<string, RoomListed>>(new Map());
  useEffect(() => {
    const look = () => void fetchRooms(token.value).then((all) => (now.value = new Map(all.map((r) => [r.id, r]))), () => undefined);
    look();
    const timer = setInterval(look, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <section class="card">
      <h2>{t("seat.rooms")}</h2>
      <div class="rooms">
        {rooms.map((r) => (
          <button key={r.id} type="button" class="room-choice" aria-pressed={chosen === r.id} data-testid={`room-${r.id}`} onClick={() => choose(r.id)}>
            <span>{r.title}<What room={now.value.get(r.id)} /></span>
            {now.value.get(r.id)?.on && <span class="tag">{t("seat.on_now")}</span>}
          </button>
        ))}
      </div>
    </section>
  );
}

function What({ room }: { room: RoomListed | undefined }) {
  if (room?.on) {
    const late = (room.late_ms ?? 0) >= 60_000 && ` · ${t("agenda.late", { minutes: aboutMinutes(room.late_ms ?? 0) })}`;
    return <small>{room.on.title}{late}</small>;
  }
  if (!room?.next) return null;
  return <small>{t("agenda.next")}: {room.next.title}, {timeIn(instantOf(room.next.starts, "UTC"), conference.value?.time_zone)}</small>;
}
