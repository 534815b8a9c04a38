/** The first of the wanted languages that there is, as exactly as possible: `zh-TW` finds `zh-Hant-TW` (RFC 4647). */
export function matchLanguage(available: readonly string[], wanted: readonly string[]): string | null {
  for (const tag of wanted) {
    const found = closest(available, tag);
    if (found) return found;
  }
  return null;
}

function closest(available: readonly string[], wanted: string): string | null {
  const like = maximized(wanted);
  if (!like) return null;
  const sameLanguage = available.filter((tag) => maximized(tag)?.language === like.language);
  const sameScript = sameLanguage.filter((tag) => maximized(tag)?.script === like.script);
  const sameRegion = sameScript.filter((tag) => maximized(tag)?.region === like.region);
  return sameRegion[0] ?? sameScript[0] ?? sameLanguage[0] ?? null;
}

function maximized(tag: string): Intl.Locale | null {
  try {
    return new Intl.Locale(tag).maximize();
  } catch {
    return null;
  }
}
