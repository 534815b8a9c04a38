import { useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import type { Room } from "../../model/types";
import { lines } from "../../state/band";
import { sentence } from "../../state/band-words";
import { conference } from "../../state/session";

/** What has happened since the room was entered, newest first, with times. Escape closes it, and the focus returns to the button. */
export function BandHistory({ room }: { room: Room }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const toggled = (e: Event) => {
    const opened = (e as ToggleEvent).newState === "open";
    setOpen(opened);
    if (opened) box.current?.focus();
  };
  return (
    <>
      <button
        type="button"
        class="band-button"
        popovertarget="band-history"
        aria-expanded={open}
        data-testid="band-history-button"
      >
        {t("band.history")}
      </button>
      <div
        ref={box}
        id="band-history"
        class="band-history"
        popover="auto"
        role="dialog"
        aria-label={t("band.title")}
        tabIndex={-1}
        onToggle={toggled}
        data-testid="band-history"
      >
        <div class="head">
          <h2>{t("band.title")}</h2>
          <button type="button" popovertarget="band-history" popovertargetaction="hide">
            {t("band.close")}
          </button>
        </div>
        {open && <List room={room} />}
      </div>
    </>
  );
}

function List({ room }: { room: Room }) {
  const past = lines.value.filter(({ at }) => at !== null).reverse();
  if (past.length === 0) return <p class="empty">{t("band.history_empty")}</p>;
  return (
    <ol>
      {past.map((line) => (
        <li key={line.id} class={`${line.tone} ${line.concerns}`}>
          <time dateTime={line.at ?? undefined}>{line.at && timeIn(new Date(line.at))}</time>
          <span>{sentence(line, room, conference.value)}</span>
        </li>
      ))}
    </ol>
  );
}
