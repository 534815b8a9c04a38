import { t } from "../../i18n";
import { usedText } from "../../model/clock";
import { namedIn } from "../../model/names";
import { beginningOf, isFound } from "../../model/player";
import { cityIn, instant, type Proceedings, type RecordedSpeech } from "../../model/proceedings";
import { inPlayer, query, stretches } from "../../state/player";
import { endingOf } from "./ending";
import { missingWords } from "./missing-words";
import { PlayAt } from "./PlayAt";

interface Props {
  record: Proceedings;
  zone: string | undefined;
}

/** The speeches in the order in which they were held, all or those that are searched for. */
export function SpeechList({ record, zone }: Props) {
  const { speeches } = record;
  const found = query.value.trim() ? speeches.filter((s) => isFound(record, s, query.value)) : speeches;
  return (
    <section class="card">
      <h2>
        {t("record.speeches")} <span class="count">{speeches.length}</span>
      </h2>
      {speeches.length === 0 ? (
        <p class="empty">{t("record.no_speeches")}</p>
      ) : (
        <>
          <Search found={found.length} of={speeches.length} />
          {found.length > 0 && <Table record={record} zone={zone} speeches={found} />}
        </>
      )}
    </section>
  );
}

function Search({ found, of }: { found: number; of: number }) {
  const asked = query.value.trim();
  return (
    <div class="record-search" role="search">
      <input
        type="search"
        aria-label={t("player.search")}
        placeholder={t("player.search")}
        value={query.value}
        data-testid="record-search"
        onInput={(e) => (query.value = e.currentTarget.value)}
      />
      <p role="status" class="dim">
        {asked && (found > 0 ? t("player.found", { n: found, of }) : t("player.found_none", { query: asked }))}
      </p>
    </div>
  );
}

function Table({ record, zone, speeches }: Props & { speeches: RecordedSpeech[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t("record.speeches")}>
      <table data-testid="speeches">
        <thead>
          <tr>
            {(["began", "speaker", "kind", "used", "limit", "extended", "how"] as const).map((h) => (
              <th key={h} scope="col">
                {t(`record.${h}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {speeches.map((s) => (
            <Row key={`${s.request}/${s.began.utc}`} record={record} speech={s} zone={zone} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ record, speech: s, zone }: Props & { speech: RecordedSpeech }) {
  const { how, word } = endingOf(s);
  const city = cityIn(record, s);
  const moment = beginningOf(stretches.value ?? [], s);
  const missing = moment ? null : missingWords(record, s);
  const shown = moment !== null && inPlayer.value?.id === moment.stretch.id;
  return (
    <tr aria-current={shown ? "true" : undefined}>
      <td>
        <PlayAt at={instant(s.began)} moment={moment} what={namedIn(s)} zone={zone} />
      </td>
      <th scope="row">
        <bdi>{namedIn(s)}</bdi>
        {city && <small dir="auto">{city}</small>}
        {missing && <small class="missing">{missing}</small>}
      </th>
      <td>{t(`kind.${s.kind}`)}</td>
      <td>{usedText(s.used_ms)}</td>
      <td>{usedText(s.limit_ms)}</td>
      <td>{s.extended_ms > 0 ? `+${usedText(s.extended_ms)}` : "–"}</td>
      <td>
        {how}
        {word && (
          <small>
            <q dir="auto">{word}</q>
          </small>
        )}
      </td>
    </tr>
  );
}
