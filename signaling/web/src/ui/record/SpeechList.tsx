import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { usedText } from "../../model/clock";
import { namedIn } from "../../model/names";
import { cityIn, instant, type Proceedings, type RecordedSpeech } from "../../model/proceedings";
import { endingOf } from "./ending";

/** The speeches in the order in which they were held. */
export function SpeechList({ record, zone }: { record: Proceedings; zone: string | undefined }) {
  const { speeches } = record;
  return (
    <section class="card">
      <h2>
        {t("record.speeches")} <span class="count">{speeches.length}</span>
      </h2>
      {speeches.length === 0 ? (
        <p class="empty">{t("record.no_speeches")}</p>
      ) : (
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
                <Row key={`${s.request}/${s.began.utc}`} speech={s} city={cityIn(record, s)} zone={zone} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ speech: s, city, zone }: { speech: RecordedSpeech; city: string | null; zone: string | undefined }) {
  const { how, word } = endingOf(s);
  return (
    <tr>
      <td>
        <time dateTime={s.began.utc}>{timeIn(instant(s.began), zone)}</time>
      </td>
      <th scope="row">
        <bdi>{namedIn(s)}</bdi>
        {city && <small dir="auto">{city}</small>}
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
