import { t } from "../i18n";
import { factLine } from "../i18n/isolate";
import { lightOf } from "../model/entry";
import { cityOf, namedIn } from "../model/names";
import type { Room } from "../model/types";
import { conference } from "../state/session";
import { absenceOf } from "./away-words";
import { Light } from "./Light";
import { TalkActions, TalkMark } from "./talks/TalkActions";

/** Everybody in the room, for participants who do not chair. */
export function Roster({ room }: { room: Room }) {
  const people = [...room.participants].sort((a, b) => namedIn(a).localeCompare(namedIn(b)));
  return (
    <section class="panel" data-testid="roster">
      <h2>
        {t("people.title")} <span class="count">{people.length}</span>
      </h2>
      <ul class="order">
        {people.map((p) => (
          <li key={p.person} class="entry person">
            <div class="who">
              <p class="name">
                <strong>
                  <bdi>{namedIn(p)}</bdi>
                </strong>
                {room.floor.chair === p.person && <span class="mark">{t("room.chairing")}</span>}
                <TalkMark room={room} person={p} />
              </p>
              <p class="facts">
                <Light state={lightOf(room, p.person)} absence={absenceOf(room, p.person)} /> ·{" "}
                {factLine([cityOf(conference.value, p.delegation), t(`role.${p.role}`)])}
              </p>
            </div>
            <div class="actions">
              <TalkActions room={room} person={p} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
