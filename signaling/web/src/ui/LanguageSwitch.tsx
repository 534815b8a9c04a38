import { keepLanguage, language, languageNames, t, type Language } from "../i18n";

export function LanguageSwitch() {
  return (
    <select class="quiet" aria-label={t("app.language")} value={language.value} onChange={(e) => keepLanguage(e.currentTarget.value as Language)}>
      {Object.entries(languageNames).map(([id, name]) => <option key={id} value={id} lang={id}>{name}</option>)}
    </select>
  );
}
