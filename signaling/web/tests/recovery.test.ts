import { describe, expect, it } from "vitest";
import { NEW_PATH, recover, type Recovery, type RecoveryInput } from "../src/media/recovery";

function after(inputs: RecoveryInput[], from: Recovery = NEW_PATH) {
  return inputs.reduce<ReturnType<typeof recover>>(({ state }, input) => recover(state, input), {
    state: from,
    effects: [],
  });
}

describe("a media path", () => {
  it("is reported once it is connected, and no timer runs then", () => {
    expect(after(["connected"]).effects).toEqual([{ do: "stop_timer" }, { do: "report", state: "connected" }]);
  });

  it("that is interrupted has a moment to mend itself before ICE is restarted", () => {
    const interrupted = after(["connected", "disconnected"]);
    expect(interrupted.effects).toEqual([
      { do: "report", state: "lost" },
      { do: "start_timer", ms: 2_500 },
    ]);
    expect(after(["connected"], interrupted.state).effects).toContainEqual({ do: "stop_timer" });
    expect(after(["timer"], interrupted.state).effects).toContainEqual({ do: "restart_ice" });
  });

  it("whose restart has failed waits before the next one, as often as that happens", () => {
    const again = after(["failed", "failed"]);
    expect(again.effects).toEqual([
      { do: "report", state: "lost" },
      { do: "start_timer", ms: 250 },
    ]);
    expect(after(["failed", "failed", "timer", "failed", "timer"]).effects).toContainEqual({ do: "restart_ice" });
  });

  it("that has failed restarts ICE at once", () => {
    expect(after(["connected", "failed"]).effects).toEqual([
      { do: "report", state: "lost" },
      { do: "start_timer", ms: 8_000 },
      { do: "restart_ice" },
    ]);
  });

  it("that a restart does not mend begins a new session", () => {
    expect(after(["connected", "failed", "timer"]).effects).toContainEqual({ do: "begin_session" });
  });

  it("that the server has ended begins a new session at once", () => {
    expect(after(["connected", "session_ended"]).effects.at(-1)).toEqual({ do: "begin_session" });
  });

  it("whose answer the browser refuses begins a new session in a while", () => {
    const refused = after(["answer_refused"]);
    expect(refused.effects).toEqual([
      { do: "report", state: "lost" },
      { do: "start_timer", ms: 8_000 },
    ]);
    expect(after(["timer"], refused.state).effects).toContainEqual({ do: "begin_session" });
  });

  it("is waited for twice as long with every failure, up to a minute, and starts over once connected", () => {
    const waits = (count: number) =>
      after(["failed", ...Array<RecoveryInput>(count).fill("timer")]).effects.find(
        (effect) => effect.do === "start_timer",
      );
    expect([0, 1, 2, 3, 9].map(waits)).toEqual(
      [8_000, 16_000, 32_000, 60_000, 60_000].map((ms) => ({ do: "start_timer", ms })),
    );
    expect(after(["failed", "timer", "connected", "failed"]).effects).toContainEqual({ do: "start_timer", ms: 8_000 });
  });
});
