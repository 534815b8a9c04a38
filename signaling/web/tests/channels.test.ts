import { describe, expect, it } from "vitest";
import { languageName } from "../src/i18n/format";
import { booths, carriesInterpreter, chosenIn, hasChoice, partners } from "../src/model/channels";
import { alarmsOf } from "../src/model/health";
import type { Channel, Room, You } from "../src/model/types";
import { channel, health, INTERPRETER, participant, room, tokyo } from "./examples";

const kenji: You = {
  ...tokyo,
  person: "kenji",
  name: "Kenji",
  role: "interpreter",
  may: INTERPRETER,
  languages: ["ja", "en"],
};
const seated = (person: string, name: string) => participant(person, name, { role: "interpreter" });

function hall(...channels: Partial<Channel>[]): Room {
  const all = ["en", "ja", "fr"].map((language) =>
    channel(
      language,
      channels.find((c) => c.language === language),
    ),
  );
  return {
    ...room(),
    participants: [...room().participants, seated("kenji", "Kenji"), seated("aiko", "Aiko")],
    channels: all,
  };
}

const does = (r: Room) => booths(r, kenji).map((booth) => [booth.does, booth.channel.language]);

describe("an interpreter", () => {
  it("may take each of the languages of the interpreter, and no other", () => {
    expect(does(hall())).toEqual([
      ["take", "ja"],
      ["take", "en"],
    ]);
  });

  it("can only stop while interpreting, and is told whether listeners hear the channel", () => {
    const mine = { language: "en", interpreter: "kenji" };
    expect(booths(hall({ ...mine, state: "interpreted" }), kenji)).toMatchObject([{ does: "stop", heard: true }]);
    expect(booths(hall({ ...mine, state: "interrupted" }), kenji)).toMatchObject([{ does: "stop", heard: false }]);
  });

  it("waits for an interpreter who is heard, takes over from one who is away, and takes a channel that was lost", () => {
    expect(booths(hall({ language: "ja", state: "interpreted", interpreter: "aiko" }), kenji)[0]).toMatchObject({
      does: "wait",
      for: "Aiko",
    });
    expect(booths(hall({ language: "ja", state: "interrupted", interpreter: "aiko" }), kenji)[0]).toMatchObject({
      does: "take_over",
      from: "Aiko",
    });
    expect(booths(hall({ language: "ja", state: "interrupted", lost: "mary" }), kenji)[0]).toMatchObject({
      does: "take",
    });
  });

  it("to whom a channel is handed over may take it before its time", () => {
    const offered = {
      language: "ja",
      state: "interpreted" as const,
      interpreter: "aiko",
      handover: { to: "kenji", at: "2021-10-12T01:00:10Z" },
    };
    expect(booths(hall(offered), kenji)[0]).toMatchObject({
      does: "receive",
      from: "Aiko",
      at: Date.parse("2021-10-12T01:00:10Z"),
    });
    expect(booths(hall({ ...offered, handover: { ...offered.handover, to: "other" } }), kenji)[0]).toMatchObject({
      does: "wait",
    });
  });

  it("hands over to an interpreter who is present and has no channel", () => {
    expect(partners(hall(), kenji).map((p) => p.person)).toEqual(["aiko"]);
    expect(partners(hall({ language: "fr", state: "interpreted", interpreter: "aiko" }), kenji)).toEqual([]);
  });
});

describe("a listener", () => {
  it("hears the floor where the chosen language has no channel", () => {
    expect([chosenIn(hall(), "ja"), chosenIn(hall(), "ko"), chosenIn(null, "ja")]).toEqual(["ja", "floor", "floor"]);
  });

  it("has nothing to choose while one language is spoken and nobody interprets", () => {
    const one = { ...room(), channels: [channel("en")] };
    expect([hasChoice(one), hasChoice(room()), hasChoice(hall())]).toEqual([false, false, true]);
    expect(hasChoice({ ...one, channels: [channel("en", { state: "interpreted", interpreter: "kenji" })] })).toBe(true);
  });

  it("hears an interpreter only while the slot of the channel carries one", () => {
    expect(carriesInterpreter({ participant: "kenji", source: "microphone", stage: false })).toBe(true);
    expect(carriesInterpreter({ participant: "tokyo-1", source: "microphone", stage: true })).toBe(false);
    expect(carriesInterpreter(undefined)).toBe(false);
  });

  it("finds a language by its own name", () => {
    expect([languageName("ja"), languageName("fr")]).toEqual(["日本語", "français"]);
  });
});

it("an operator is shown the alarms of all rooms", () => {
  const alarm = {
    kind: "channel_interrupted" as const,
    room: "climate",
    language: "ja",
    interpreter: "kenji",
    cause: "away" as const,
    since: "2021-10-12T01:00:00Z",
    detail: "…",
    try: "Call.",
  };
  const answer = health([
    { room: "climate", title: "Climate", alarms: [alarm] },
    { room: "covid", title: "Covid" },
  ]);
  expect(alarmsOf(answer)).toMatchObject([
    { room: "climate", room_title: "Climate", language: "ja", cause: "away", try: "Call." },
  ]);
});
