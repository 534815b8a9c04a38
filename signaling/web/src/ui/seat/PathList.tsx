import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { openings, verdict, type PathResult } from "../../model/network-paths";

/** What each path does in this network, in a sentence and a list, with a text for those who run the network. */
export function PathList({ results }: { results: readonly PathResult[] }) {
  const found = verdict(results);
  const text = found === "direct" ? null : letter(results);
  return (
    <>
      <p data-testid="paths">{t(`paths.verdict_${found}`)}</p>
      <details>
        <summary>{t("paths.details")}</summary>
        <ul class="paths">
          {results.map(({ path, works, targets }) => (
            <li key={path} data-path={path} data-works={works}>
              {t(works ? "paths.works" : "paths.blocked", { path: t(`paths.${path}`), place: targets.join(", ") })}
            </li>
          ))}
        </ul>
      </details>
      {text && <Letter text={text} />}
    </>
  );
}

/** A text to copy into a mail. */
function Letter({ text }: { text: string }) {
  const copied = useSignal(false);
  const copy = () => void navigator.clipboard.writeText(text).then(() => (copied.value = true));
  return (
    <div class="letter">
      <p>{t("paths.letter_lead")}</p>
      <textarea readOnly rows={6} value={text} aria-label={t("paths.letter_label")} data-testid="letter" />
      {/* Pages that are not served by https, or from this machine, have no clipboard. */}
      {"clipboard" in navigator && (
        <button type="button" onClick={copy}>
          {t(copied.value ? "paths.copied" : "paths.copy")}
        </button>
      )}
    </div>
  );
}

function letter(results: readonly PathResult[]): string {
  const lines = openings(results).map(({ protocol, targets }) =>
    t("paths.letter_line", { protocol, place: targets.join(", ") }),
  );
  return [t("paths.letter_begin"), ...lines, t("paths.letter_end")].join("\n");
}
