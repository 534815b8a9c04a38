import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { nameIn } from "../../model/names";
import { instant, type Proceedings } from "../../model/proceedings";
import { may } from "../../state/permissions";
import { refusalWords } from "../../state/refusal";
import { authorized, conference } from "../../state/session";
import { correct } from "../../wire/http";

interface Props {
  record: Proceedings;
  zone: string | undefined;
  /** Called when a correction has been added. */
  recorded(): void;
}

/** A correction is added to the record; nothing in it is ever changed. */
export function Corrections({ record, zone, recorded }: Props) {
  return (
    <section class="card" data-testid="corrections">
      <h2>
        {t("record.corrections")} <span class="count">{record.corrections.length}</span>
      </h2>
      <ul class="order">
        {record.corrections.map((c) => (
          <li key={c.seq} class="line">
            <span class="place">{timeIn(instant(c.at), zone)}</span>
            <span class="who">
              <bdi>{c.text}</bdi>
              <small dir="auto">{nameIn(conference.value, c.by)}</small>
            </span>
          </li>
        ))}
      </ul>
      {may.value.has("proceedings.correct") && <Add room={record.room.id} recorded={recorded} />}
    </section>
  );
}

function Add({ room, recorded }: { room: string; recorded(): void }) {
  const text = useSignal("");
  const refused = useSignal<string | null>(null);
  const add = async (e: Event) => {
    e.preventDefault();
    try {
      await authorized((token) => correct(token, room, text.value.trim()));
      text.value = "";
      refused.value = null;
      recorded();
    } catch (error) {
      refused.value = refusalWords(error);
    }
  };
  return (
    <form class="word" onSubmit={(e) => void add(e)}>
      <input
        required
        aria-label={t("record.correction")}
        placeholder={t("record.correction")}
        maxLength={1000}
        value={text.value}
        onInput={(e) => (text.value = e.currentTarget.value)}
      />
      <button type="submit">{t("record.add")}</button>
      {refused.value && (
        <p class="refusal" role="alert">
          {refused.value}
        </p>
      )}
    </form>
  );
}
