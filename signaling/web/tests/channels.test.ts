import { describe, expect, it } from "vitest";
import { languageName } from "../src/i18n/format";
import { alarmsOf } from "../src/model/alarms";
import { booths, carriesInterpreter, chosenIn, hasChoice, partners } from "../src/model/channels";
import type { Channel, Participant, Room, You } from "../src/model/types";
import { room } from "./examples";

const kenji: You = { person: "kenji", name: "Kenji", role: "interpreter", languages: ["ja", "en"] };
const seated = (person: string, name: string): Participant => ({ person, name, role: "interpreter", state: "seated" });

function hall(...channels: Partial<Channel>[]): Room {
  const all = ["en", "ja", "fr"].map((language) => ({ language, state: "floor" as const, ...channels.find((c) => c.language === language) }));
  return { ...room(), participants: [...room().participants, seated("kenji", "Kenji"), seated("aiko", "Aiko")], channels: all };
}

const does = (r: Room) => booths(r, kenji).map((booth) => [booth.does, booth.channel.language]);

describe("an interpreter", () => {
  it("may take each of his languages, and no other", () => {
    expect(does(hall())).toEqual([["take", "ja"], ["take", "en"]]);
  });

  it("can only stop what he does, and is told whether he is heard", () => {
    const mine = { language: "en", interpreter: "kenji" };
    expect(booths(hall({ ...mine, state: "interpreted" }), kenji)).toMatchObject([{ does: "stop", heard: true }]);
    expect(booths(hall({ ...mine, state: "interrupted" }), kenji)).toMatchObject([{ does: "stop", heard: false }]);
  });

  it("waits for one who is heard, and takes over from one who may come back, and takes what is left by one who did not", () => {
    expect(booths(hall({ language: "ja", state: "interpreted", interpreter: "aiko" }), kenji)[0]).toMatchObject({ does: "wait", for: "Aiko" });
    expect(booths(hall({ language: "ja", state: "interrupted", interpreter: "aiko" }), kenji)[0]).toMatchObject({ does: "take_over", from: "Aiko" });
    expect(booths(hall({ language: "ja", state: "interrupted", lost: "mary" }), kenji)[0]).toMatchObject({ does: "take" });
  });

  it("hands over to who is here and has nothing to do", () => {
    expect(partners(hall(), kenji).map((p) => p.person)).toEqual(["aiko"]);
    expect(partners(hall({ language: "fr", state: "interpreted", interpreter: "aiko" }), kenji)).toEqual([]);
  });
});

describe("a listener", () => {
  it("hears the floor where the language that was chosen elsewhere is none", () => {
    expect([chosenIn(hall(), "ja"), chosenIn(hall(), "ko"), chosenIn(null, "ja")]).toEqual(["ja", "floor", "floor"]);
  });

  it("has nothing to choose while everybody speaks the one language", () => {
    const one = { ...room(), channels: [{ language: "en", state: "floor" as const }] };
    expect([hasChoice(one), hasChoice(room()), hasChoice(hall())]).toEqual([false, false, true]);
    expect(hasChoice({ ...one, channels: [{ language: "en", state: "interpreted", interpreter: "kenji" }] })).toBe(true);
  });

  it("hears an interpreter only while the server sends one, and the floor's own voice on the floor's lines", () => {
    expect(carriesInterpreter({ participant: "kenji", source: "microphone", stage: false })).toBe(true);
    expect(carriesInterpreter({ participant: "tokyo-1", source: "microphone", stage: true })).toBe(false);
    expect(carriesInterpreter(undefined)).toBe(false);
  });

  it("finds a language by its own name", () => {
    expect([languageName("ja"), languageName("fr")]).toEqual(["日本語", "français"]);
  });
});

it("an operator's alarms are those of all rooms", () => {
  const alarm = { kind: "channel_interrupted", room: "climate", language: "ja", interpreter: "kenji", cause: "away", since: "2021-10-12T01:00:00Z", detail: "…", try: "Call." };
  const answer = { rooms: [{ room: "climate", title: "Climate", alarms: [alarm] }, { room: "covid", title: "Covid", alarms: [] }, { room: "old" }] };
  expect(alarmsOf(answer)).toMatchObject([{ room: "climate", roomTitle: "Climate", language: "ja", cause: "away", first: "Call." }]);
});
