import { describe, expect, it } from "vitest";
import {
  isLive,
  linkOf,
  NO_CONNECTION,
  reduce,
  type Connection,
  type Effect,
  type Input,
} from "../src/connection/connection";
import { backoffMs } from "../src/wire/backoff";
import { afterClose } from "../src/wire/closing";

/** The connection after a series of inputs, and the effects of the last one. */
function after(
  inputs: ((state: Connection) => Input)[],
  from: Connection = NO_CONNECTION,
): { state: Connection; effects: Effect[] } {
  return inputs.reduce<{ state: Connection; effects: Effect[] }>(
    (step, input) => reduce(step.state, input(step.state)),
    { state: from, effects: [] },
  );
}

const enter = (): Input => ({ type: "enter", room: "climate" });
const offerMade = ({ attempt }: Connection): Input => ({ type: "offer_made", attempt });
const opened = ({ attempt }: Connection): Input => ({ type: "socket_opened", attempt });
const answered = ({ attempt }: Connection): Input => ({ type: "answered", attempt });
const welcomed = ({ attempt }: Connection): Input => ({ type: "welcomed", attempt, session: "s1" });
const media =
  (state: "connected" | "lost") =>
  ({ attempt }: Connection): Input => ({ type: "media_changed", attempt, state });
const closed =
  (code: number) =>
  ({ attempt }: Connection): Input => ({ type: "socket_closed", attempt, code });
const simply =
  (
    type:
      | "leave"
      | "events_missing"
      | "answer_overdue"
      | "pause_over"
      | "beat"
      | "network_lost"
      | "severed"
      | "woke"
      | "token_redeemed"
      | "token_unavailable"
      | "invitation_refused",
  ) =>
  (): Input => ({ type });

const toLive = [enter, offerMade, opened, answered, welcomed];
const live = after(toLive).state;
const does = (effects: Effect[]) => effects.map((effect) => effect.do);

describe("taking a seat", () => {
  it("begins with a media offer, because the hello carries it", () => {
    const { state, effects } = after([enter]);
    expect(state).toMatchObject({ phase: "offering", room: "climate", session: null });
    expect(effects.at(-1)).toEqual({ do: "make_offer", attempt: state.attempt });
  });

  it("opens a socket with the offer, and asks for a snapshot", () => {
    const { state, effects } = after([enter, offerMade]);
    expect(state.phase).toBe("opening");
    expect(effects).toEqual([
      { do: "await_answer", within_ms: 5_000 },
      { do: "open_socket", attempt: state.attempt, room: "climate", session: null },
    ]);
  });

  it("waits longer for the welcome, because the server may wait for its disk", () => {
    const { state, effects } = after([enter, offerMade, opened]);
    expect(state.phase).toBe("greeting");
    expect(effects).toEqual([{ do: "await_answer", within_ms: 20_000 }]);
  });

  it("is live with the welcome, while media is still on its way", () => {
    expect(isLive(live)).toBe(true);
    expect(linkOf(live)).toBe("media");
    expect(linkOf(after([media("connected")], live).state)).toBe("connected");
  });

  it("is shown as connecting until it succeeds, and as reconnecting once it was lost", () => {
    expect(
      [[enter], [enter, offerMade], [enter, offerMade, opened]].map((inputs) => linkOf(after(inputs).state)),
    ).toEqual(["connecting", "connecting", "connecting"]);
    expect(linkOf(after([enter, offerMade, closed(1006)]).state)).toBe("reconnecting");
    expect(linkOf(after([enter, offerMade, closed(1006), simply("pause_over")]).state)).toBe("reconnecting");
  });

  it("anew forgets the session of the room before", () => {
    expect(after([enter], live).state).toMatchObject({ phase: "offering", session: null, failures: 0, wasLost: false });
  });
});

describe("a connection that is lost", () => {
  it("is closed, and comes back after a pause", () => {
    const { state, effects } = after([closed(1006)], live);
    expect(state).toMatchObject({ phase: "pausing", session: "s1", failures: 1 });
    expect(effects).toEqual([{ do: "stop_awaiting" }, { do: "close" }, { do: "pause", failures: 0 }]);
  });

  it("resumes its session", () => {
    const { effects } = after([closed(1006), simply("pause_over"), offerMade], live);
    expect(effects.at(-1)).toMatchObject({ do: "open_socket", session: "s1" });
  });

  it("pauses longer with every failure, and starts over with a welcome", () => {
    const failing = [offerMade, closed(1006), simply("pause_over")];
    const { state } = after([enter, ...failing, ...failing]);
    expect(after([offerMade, closed(1006)], state).effects.at(-1)).toEqual({ do: "pause", failures: 2 });
    expect(after([offerMade, opened, answered, welcomed], state).state.failures).toBe(0);
  });

  it("asks for a snapshot where events are missing", () => {
    const { state } = after([simply("events_missing")], live);
    expect(state).toMatchObject({ phase: "pausing", session: null });
    expect(after([simply("pause_over"), offerMade], state).effects.at(-1)).toMatchObject({
      do: "open_socket",
      session: null,
    });
  });

  it("comes back at once when the network is back or the page is shown again, and forgets its failures", () => {
    const { state, effects } = after([closed(1006), simply("woke")], live);
    expect(state).toMatchObject({ phase: "offering", failures: 0 });
    expect(does(effects)).toContain("stop_pausing");
    expect(linkOf(state)).toBe("reconnecting");
  });

  it("gives up the attempt under way when the network is back, because its packets may be lost", () => {
    for (const underWay of [[offerMade], [offerMade, opened]]) {
      const before = after([closed(1006), simply("pause_over"), ...underWay], live).state;
      const { state } = after([simply("woke")], before);
      expect(state).toMatchObject({ phase: "offering", failures: 0, session: "s1", attempt: before.attempt + 1 });
    }
    expect(after([enter, offerMade, simply("woke")]).effects).toEqual([]);
  });

  it("is given up as soon as the browser says that the network is gone", () => {
    expect(after([simply("network_lost")], live).state.phase).toBe("pausing");
  });
});

describe("a device that wakes from sleep", () => {
  it("asks at once whether its seat is still held", () => {
    expect(does(after([simply("woke")], live).effects)).toEqual(["await_answer", "send_clock"]);
  });

  it("comes back after a week with a token that has run out", () => {
    const { state } = after(
      [
        closed(1006),
        simply("woke"),
        offerMade,
        opened,
        closed(4401),
        simply("token_redeemed"),
        simply("pause_over"),
        offerMade,
        opened,
        answered,
        welcomed,
      ],
      live,
    );
    expect(isLive(state)).toBe(true);
  });
});

describe("a server that answers no more", () => {
  it("is asked for the time with every beat", () => {
    const { state, effects } = after([simply("beat")], live);
    expect(effects).toEqual([{ do: "await_answer", within_ms: 5_000 }, { do: "send_clock" }]);
    expect(after([simply("beat")], state).effects).toEqual([{ do: "send_clock" }]);
  });

  it("is waited for no longer once it answers", () => {
    const { state, effects } = after([simply("beat"), answered], live);
    expect(effects).toEqual([{ do: "stop_awaiting" }]);
    expect(after([simply("answer_overdue")], state).state.phase).toBe("live");
  });

  it("is given up when its answer is overdue", () => {
    expect(after([simply("beat"), simply("answer_overdue")], live).state).toMatchObject({
      phase: "pausing",
      session: "s1",
    });
  });

  it("is given up when the socket does not open, or the welcome does not come", () => {
    expect(after([enter, offerMade, simply("answer_overdue")]).state.phase).toBe("pausing");
    expect(after([enter, offerMade, opened, simply("answer_overdue")]).state.phase).toBe("pausing");
  });

  it("comes back at once when it is severed, with a new media connection", () => {
    const { state, effects } = after([simply("severed")], live);
    expect(state).toMatchObject({ phase: "offering", session: "s1", wasLost: true });
    expect(does(effects)).toEqual(["stop_awaiting", "close", "stop_pausing", "make_offer"]);
    expect(after([simply("severed")], state)).toEqual({ state, effects: [] });
  });

  it("is not asked while no seat is held", () => {
    for (const inputs of [[], [enter], [enter, offerMade, opened]])
      expect(after([...inputs, simply("beat")]).effects).toEqual([]);
  });
});

describe("a close code", () => {
  it("means what the protocol says", () => {
    expect([4401, 4403, 4409, 1001, 1006, 4429].map(afterClose)).toEqual([
      "redeem",
      "forbidden",
      "replaced",
      "reconnect",
      "reconnect",
      "reconnect",
    ]);
  });

  it("4403 ends the seat, and nothing brings it back", () => {
    const { state, effects } = after([closed(4403)], live);
    expect([state.phase, linkOf(state)]).toEqual(["forbidden", "forbidden"]);
    expect(does(effects)).toEqual(["stop_awaiting", "close", "stop_pausing"]);
    for (const type of ["network_lost", "woke", "pause_over", "beat", "answer_overdue", "severed"] as const)
      expect(after([simply(type)], state)).toEqual({ state, effects: [] });
  });

  it("4409 ends the seat on this device, which may take it again", () => {
    const { state } = after([closed(4409)], live);
    expect(linkOf(state)).toBe("replaced");
    expect(after([enter], state).state.phase).toBe("offering");
  });

  it("4401 fetches a fresh token and then comes back", () => {
    const { state, effects } = after([closed(4401)], live);
    expect([state.phase, linkOf(state)]).toEqual(["redeeming", "reconnecting"]);
    expect(does(effects)).toEqual(["stop_awaiting", "close", "redeem_token"]);
    expect(after([simply("token_redeemed")], state).state.phase).toBe("pausing");
  });

  it("4401 ends the seat where the invitation itself is refused, and for no other reason", () => {
    expect(after([closed(4401), simply("invitation_refused")], live).state.phase).toBe("unauthorized");
    expect(after([closed(4401), simply("token_unavailable")], live).state.phase).toBe("pausing");
  });

  it("4401 again and again, with fresh tokens, makes the pauses longer and ends nothing", () => {
    const refused = [closed(4401), simply("token_redeemed"), simply("pause_over"), offerMade];
    const { state } = after([...refused, ...refused, ...refused, ...refused], live);
    expect(after([closed(4401), simply("token_redeemed")], state).effects.at(-1)).toEqual({ do: "pause", failures: 4 });
  });

  it("of any other number is a fault that another attempt may not meet", () => {
    for (const code of [1000, 1006, 1011, 1015, 4400, 4408, 4413, 4429, 4999])
      expect(after([closed(code)], live).state.phase, String(code)).toBe("pausing");
  });
});

describe("media", () => {
  it("is shown as lost and connected again while the seat is held", () => {
    const lost = after([media("connected"), media("lost")], live).state;
    expect([linkOf(lost), isLive(lost)]).toEqual(["media_lost", true]);
    expect(linkOf(after([media("connected")], lost).state)).toBe("connected");
  });

  it("is not shown before the welcome", () => {
    const { state } = after([enter, offerMade, media("lost")]);
    expect([linkOf(state), state.media]).toEqual(["connecting", "connecting"]);
  });

  it("is on its way again after a resume", () => {
    const { state } = after(
      [media("connected"), closed(1006), simply("pause_over"), offerMade, opened, answered, welcomed],
      live,
    );
    expect(linkOf(state)).toBe("media");
  });
});

describe("an input of an earlier attempt", () => {
  it("changes nothing", () => {
    const stale = live.attempt;
    const { state } = after([closed(1006), simply("pause_over")], live);
    const inputs: Input[] = [
      { type: "offer_made", attempt: stale },
      { type: "socket_opened", attempt: stale },
      { type: "socket_closed", attempt: stale, code: 4403 },
      { type: "answered", attempt: stale },
      { type: "welcomed", attempt: stale, session: "s0" },
      { type: "media_changed", attempt: stale, state: "lost" },
    ];
    for (const input of inputs) expect(reduce(state, input), input.type).toEqual({ state, effects: [] });
  });

  it("a token that arrives after the seat was left changes nothing", () => {
    const { state } = after([closed(4401), simply("leave")], live);
    for (const type of ["token_redeemed", "token_unavailable", "invitation_refused"] as const)
      expect(after([simply(type)], state)).toEqual({ state, effects: [] });
  });
});

it("leaving closes everything, and stays left", () => {
  const { state, effects } = after([simply("leave")], live);
  expect(state).toMatchObject({ phase: "idle", session: null });
  expect(does(effects)).toEqual(["stop_awaiting", "close", "stop_pausing"]);
  expect(after([simply("network_lost")], state)).toEqual({ state, effects: [] });
});

it("the pause doubles up to a ceiling, and its upper half is random", () => {
  expect([0, 1, 2, 20].map((n) => backoffMs(n, () => 1))).toEqual([400, 800, 1600, 15_000]);
  expect(backoffMs(1, () => 0)).toBe(400);
});
