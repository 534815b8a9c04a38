import { chooseLanguage, languageNames, languageTag, t } from "../i18n";

export function LanguageSwitch() {
  return (
    <select
      class="quiet"
      data-testid="language"
      aria-label={t("app.language")}
      value={languageTag()}
      onChange={(e) => void chooseLanguage(e.currentTarget.value)}
    >
      {[...languageNames].map(([tag, name]) => (
        <option key={tag} value={tag} lang={tag}>
          {name}
        </option>
      ))}
    </select>
  );
}
