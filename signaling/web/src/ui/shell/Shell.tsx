import { useEffect, useRef } from "preact/hooks";
import type { Room, You } from "../../model/types";
import { shape } from "../../state/panels";
import { keysShown, listenForKeys } from "../../state/shortcuts";
import { EventBand } from "../band/EventBand";
import { lazily } from "../lazily";
import { Side } from "../Side";
import { Dock } from "./Dock";
import { Matters } from "./Matters";
import { StageArea } from "./StageArea";
import { Topbar } from "./Topbar";
import { useShape } from "./useShape";
import { useWakeLock } from "./useWakeLock";

const KeyList = lazily(() => import("./KeyList"));

/** The room as an app that fills the window: topbar, band, stage, side panel, dock. The page itself never scrolls. */
export function Shell({ room, you }: { room: Room; you: You }) {
  const shell = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  useShape(shell, probe);
  useWakeLock();
  useEffect(listenForKeys, []);
  return (
    <div ref={shell} class="shell" data-shape={shape.value} data-testid="shell">
      <span ref={probe} class="probe" aria-hidden="true" />
      <Topbar room={room} />
      <EventBand />
      <StageArea />
      <Side room={room} />
      <Matters room={room} you={you} />
      <Dock />
      {keysShown.value && <KeyList />}
    </div>
  );
}
