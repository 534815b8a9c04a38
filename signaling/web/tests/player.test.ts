import { expect, it } from "vitest";
import {
  beginningOf,
  fetchesAnew,
  following,
  isFound,
  marksIn,
  momentAt,
  neighbours,
  positionIn,
  stretchesOf,
  withLanguage,
  type Stretch,
} from "../src/model/player";
import type { Proceedings, RecordedSpeech } from "../src/model/proceedings";
import type { TakeListed, SpeechRecorded } from "../src/model/types";

const START = Date.parse("2021-10-12T01:00:00Z");
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();
const time = (seconds: number) => ({ utc: at(seconds), local: at(seconds) });

function file(speech: string, from: number, seconds: number, change: Partial<SpeechRecorded> = {}): SpeechRecorded {
  return {
    speech,
    participant: `of-${speech}`,
    from: at(from),
    to: at(from + seconds),
    duration_ms: seconds * 1_000,
    languages: [],
    has_picture: true,
    name: `climate-${speech}.webm`,
    url: `/rooms/climate/recordings/speeches/${speech}.webm?key=k`,
    ...change,
  };
}

function take(id: string, from: number, to: number, change: Partial<TakeListed> = {}): TakeListed {
  return {
    id,
    participant: "moderator-1",
    source: "microphone",
    from: at(from),
    to: at(to),
    bytes: 1,
    sha256: "00",
    media_type: "audio/webm",
    url: `/recordings/${id}?key=k`,
    ...change,
  };
}

const sitting = stretchesOf(
  [file("r2", 130, 60, { languages: ["ja", "ja", "fr"] }), file("r1", 0, 120)],
  [
    take("t1", 121, 129),
    take("t2", 122, 128, { source: "camera" }),
    take("t3", 125, 140, { language: "ja" }),
    take("t4", 10, 40, { speech: "r1", lost_packets: 7 }),
    take("t5", 10, 120, { speech: "r1", lost_packets: 2, recovered: true }),
  ],
);

it("a sitting is its speeches, and the sound of the chair between them, in the order of time", () => {
  expect(sitting.map(({ id }) => id)).toEqual(["r1", "t1", "r2"]);
  expect(sitting[2]?.languages).toEqual(["ja", "fr"]);
});

it("a speech has what was lost of all its files, and whether the server was killed meanwhile", () => {
  expect(sitting.map(({ lostPackets, recovered }) => [lostPackets, recovered])).toEqual([
    [9, true],
    [0, false],
    [0, false],
  ]);
});

it("those who are heard besides the speaker are sounds of their own, and the speaker and the channels are not", () => {
  const [speech] = stretchesOf(
    [file("r1", 0, 60)],
    [
      take("own", 0, 60, { speech: "r1", participant: "of-r1" }),
      take("chair", 10, 40, { speech: "r1" }),
      take("picture", 10, 40, { speech: "r1", source: "camera", media_type: "video/x-matroska;codecs=avc1.42E01F" }),
      take("channel", 0, 60, { speech: "r1", language: "ja" }),
      take("later", 70, 80, { speech: "r2" }),
    ],
  );
  expect(speech?.name).toBe("20211012T0100-of-r1.webm");
  expect(speech?.type).toBe("video/x-matroska;codecs=avc1.42E01F");
  expect(speech?.others).toEqual([{ id: "chair", url: "/recordings/chair?key=k", offsetMs: 10_000, lengthMs: 30_000 }]);
  const chair = speech!.others[0]!;
  expect([9_999, 10_000, 39_999, 40_000].map((ms) => positionIn(chair, ms))).toEqual([null, 0, 29_999, null]);
});

it("after a stretch comes the next one, and not what was said meanwhile", () => {
  const [first, chair, last] = sitting as [Stretch, Stretch, Stretch];
  expect([following(sitting, first)?.id, following(sitting, chair)?.id, following(sitting, last)]).toEqual([
    "t1",
    "r2",
    null,
  ]);
  const meanwhile = { ...chair, id: "m", fromMs: first.fromMs + 1, toMs: first.toMs - 1 };
  expect(following([first, meanwhile, last], first)?.id).toBe("r2");
});

it("a moment is seen in the speech of that time, else in what the chair said, else nowhere", () => {
  const where = (seconds: number) => {
    const moment = momentAt(sitting, START + seconds * 1_000);
    return moment && [moment.stretch.id, moment.positionMs];
  };
  expect([where(0), where(75), where(125), where(150), where(129.5), where(500)]).toEqual([
    ["r1", 0],
    ["r1", 75_000],
    ["t1", 4_000],
    ["r2", 20_000],
    null,
    null,
  ]);
});

it("a speech is seen from its beginning; one that was recalled begins in the middle of its file", () => {
  const begins = (request: string, from: number, to: number | null) =>
    beginningOf(sitting, { request, began: time(from), ended: to === null ? null : time(to) })?.positionMs;
  expect(begins("r1", 0, 120)).toBe(0);
  // The recording began after the speech.
  expect(begins("r2", 100, 190)).toBe(0);
  expect(begins("r1", 60, 120)).toBe(60_000);
  // Another part of the same speech was not recorded.
  expect([begins("r1", 300, 400), begins("r1", -50, -10), begins("r9", 0, 10)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(begins("r2", 135, null)).toBe(5_000);
});

it("the neighbours of a stretch are speeches, also those of what the chair said", () => {
  const around = (id: string) => {
    const { previous, next } = neighbours(sitting, sitting.find((one) => one.id === id) as Stretch);
    return [previous?.id, next?.id];
  };
  expect([around("r1"), around("t1"), around("r2")]).toEqual([
    [undefined, "r2"],
    ["r1", "r2"],
    ["r1", undefined],
  ]);
});

it("the address asks for a channel where there is one, beside the key", () => {
  const [first, , last] = sitting as [Stretch, Stretch, Stretch];
  expect(withLanguage(last, "ja")).toBe("/rooms/climate/recordings/speeches/r2.webm?key=k&language=ja");
  expect(withLanguage({ ...last, url: "/x" }, "fr")).toBe("/x?language=fr");
  expect([withLanguage(first, "ja"), withLanguage(last, null)]).toEqual([first.url, last.url]);
});

const record = {
  delegations: [
    {
      delegation: "saopaulo",
      name: "São Paulo",
      names: { en: "São Paulo", "zh-Hant-TW": "聖保羅市" },
      status: "member",
      speeches: 1,
      used_ms: 1,
      present: true,
    },
  ],
  items: [
    {
      id: "i1",
      title: "Early warning",
      titles: { "zh-Hant-TW": "早期預警" },
      kind: "debate",
      minutes: 5,
      planned: time(0),
    },
  ],
} satisfies Pick<Proceedings, "delegations" | "items">;

const speech: Pick<RecordedSpeech, "name" | "names" | "city" | "delegation" | "item"> = {
  name: "Ana Souza",
  city: "São Paulo",
  delegation: "saopaulo",
  item: "i1",
};

it("a speech is found by city, speaker and title, without accents, in each language, by all words of the query", () => {
  for (const query of ["sao paulo", "SÃO", "souza", "early", "warning ana", "聖保羅", "早期預警", "ｅａｒｌｙ", "  "])
    expect([query, isFound(record, speech, query)]).toEqual([query, true]);
  for (const query of ["tokyo", "ana tokyo", "earlywarning"])
    expect([query, isFound(record, speech, query)]).toEqual([query, false]);
});

it("a speech has the points of order, rulings and decisions of its time", () => {
  const person = { person: "delhi-1", name: "Delhi", seq: 1, request: "p1" };
  const decision = {
    id: "d1",
    seq: 2,
    kind: "no_objection",
    opened_by: "moderator-1",
    question: "Meet in Delhi?",
    objections: [],
    roll: [],
    tally: { yes: 0, no: 0, abstain: 0, absent: 0 },
  } as const;
  const marks = marksIn(
    {
      points_of_order: [
        { ...person, raised: time(30), ruled: time(50), ruling: "overruled" },
        { ...person, raised: time(100), ruled: time(200), ruling: "upheld" },
        { ...person, raised: time(10), ruled: time(12), ruling: "withdrawn" },
      ],
      decisions: [
        { ...decision, opened_at: time(40), closed_at: time(45), state: "closed", result: "adopted" } as never,
        { ...decision, opened_at: time(118), closed_at: null, state: "open" } as never,
      ],
    },
    sitting[0] as Stretch,
  );
  expect(marks.map(({ what, positionMs }) => [what, positionMs])).toEqual([
    ["point", 10_000],
    ["point", 30_000],
    ["opened", 40_000],
    ["closed", 45_000],
    ["ruled", 50_000],
    ["point", 100_000],
    ["opened", 118_000],
  ]);
});

it("a link is fetched anew, and not twice at the same place", () => {
  expect([
    fetchesAnew(null, 0),
    fetchesAnew(5_000, 5_000),
    fetchesAnew(5_000, 5_100),
    fetchesAnew(5_000, 9_000),
  ]).toEqual([true, false, false, true]);
});
