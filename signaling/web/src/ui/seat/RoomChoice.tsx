import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { factLine } from "../../i18n/isolate";
import { aboutMinutes } from "../../model/estimate";
import { titleOf } from "../../model/names";
import type { RoomListed, RoomTitle } from "../../model/types";
import { instantOf } from "../../model/zone";
import { authorized, conference } from "../../state/session";
import { rooms as fetchRooms } from "../../wire/http";

const REFRESH_MS = 15_000;

/** What is on in each room now, by its id; empty until the server has said it. */
export function useRoomsNow(): ReadonlyMap<string, RoomListed> {
  const now = useSignal<ReadonlyMap<string, RoomListed>>(new Map());
  useEffect(() => {
    const look = () =>
      void authorized(fetchRooms).then(
        (all) => (now.value = new Map(all.map((r) => [r.id, r]))),
        () => undefined,
      );
    look();
    const timer = setInterval(look, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return now.value;
}

interface Props {
  /** The rooms that the invitation opens. */
  rooms: RoomTitle[];
  listed: ReadonlyMap<string, RoomListed>;
  chosen: string;
  choose(room: string): void;
}

/** The choice of a room, with the agenda item that is on in each. */
export function RoomChoice({ rooms, listed, chosen, choose }: Props) {
  return (
    <section class="card seat-rooms">
      <h2>{t("seat.rooms")}</h2>
      <div class="rooms">
        {rooms.map((r) => (
          <button
            key={r.id}
            type="button"
            class="room-choice"
            aria-pressed={chosen === r.id}
            data-testid={`room-${r.id}`}
            onClick={() => choose(r.id)}
          >
            <span>
              <bdi>{titleOf(r)}</bdi>
              <RoomNow room={listed.get(r.id)} />
            </span>
            <span class="room-tags">
              {listed.get(r.id)?.recording && (
                <span class="mark">
                  <span class="recording-dot" aria-hidden="true" />
                  {t("recorded.sign")}
                </span>
              )}
              {listed.get(r.id)?.on && <span class="tag">{t("seat.on_now")}</span>}
            </span>
          </button>
        ))}
      </div>
    </section>
  );
}

/** The item that is on in a room, else the next one. */
export function RoomNow({ room }: { room: RoomListed | undefined }) {
  if (room?.on) {
    const late = (room.late_ms ?? 0) >= 60_000 && t("agenda.late", { minutes: aboutMinutes(room.late_ms ?? 0) });
    return <small>{factLine([t("seat.room_on", { title: titleOf(room.on) }), late])}</small>;
  }
  if (!room?.next) return null;
  return (
    <small>
      {t("seat.room_next", {
        title: titleOf(room.next),
        time: timeIn(instantOf(room.next.starts, "UTC"), conference.value?.time_zone),
      })}
    </small>
  );
}
