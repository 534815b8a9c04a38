import { t } from "../../i18n";
import { nameOf, namedIn } from "../../model/names";
import { mayCall, otherIn, talkOf } from "../../model/talks";
import type { Participant, Room } from "../../model/types";
import { may } from "../../state/permissions";
import { you } from "../../state/room";
import { callAside, closeTalk, talk, talks } from "../../state/talks";

/** That a participant talks aside, and with whom: for those two, and for moderators and operators. */
export function TalkMark({ room, person }: { room: Room; person: Participant }) {
  const with_ = talkOf(talks.value, person.person);
  if (!with_) return null;
  return <span class="mark talk">{t("talk.mark", { name: nameOf(room, otherIn(with_, person.person)) })}</span>;
}

/** Calls a participant for a side talk, or closes the one that the participant is in. */
export function TalkActions({ room, person }: { room: Room; person: Participant }) {
  const me = you.value?.person;
  const held = talkOf(talks.value, person.person);
  const isOwn = held && (held.caller === me || held.callee === me);
  if (held && !isOwn && may.value.has("talk.close"))
    return (
      <button
        type="button"
        aria-label={t("talk.close_of", { name: namedIn(person) })}
        onClick={() => void closeTalk(held.id)}
      >
        {t("talk.close")}
      </button>
    );
  if (talk.value.phase !== "none" || !mayCall(room, may.value, me, person)) return null;
  return (
    <button
      type="button"
      aria-label={t("talk.call_name", { name: namedIn(person) })}
      onClick={() => void callAside(person.person)}
    >
      {t("talk.call")}
    </button>
  );
}
