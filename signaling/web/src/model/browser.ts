/** The browsers by the marks in their user agents. Chrome's mark is in those of its relatives too, Safari's in nearly all. */
const BROWSERS: [name: string, mark: RegExp][] = [
  ["Edge", /Edg(?:A|iOS)?\/(\d+)/],
  ["Opera", /OPR\/(\d+)/],
  ["Samsung Internet", /SamsungBrowser\/(\d+)/],
  ["Firefox", /(?:Firefox|FxiOS)\/(\d+)/],
  ["Chrome", /(?:Chrome|CriOS)\/(\d+)/],
  ["Safari", /Version\/(\d+)[.\d]* .*Safari\//],
];

/** Android says that it is Linux, and an iPhone that it is like a Mac. */
const SYSTEMS: [name: string, mark: RegExp][] = [
  ["Android", /Android/],
  ["iOS", /iPhone|iPad/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X/],
  ["ChromeOS", /CrOS/],
  ["Linux", /Linux/],
];

/** A browser and its system in a few words, as `Firefox 142, Windows`; an operator asks for them first. */
export function browserName(userAgent: string): string {
  const found = BROWSERS.map(([name, mark]) => ({ name, version: mark.exec(userAgent)?.[1] })).find(
    ({ version }) => version,
  );
  const system = SYSTEMS.find(([, mark]) => mark.test(userAgent))?.[0];
  return [found && `${found.name} ${found.version}`, system].filter(Boolean).join(", ");
}
