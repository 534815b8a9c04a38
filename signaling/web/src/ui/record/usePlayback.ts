import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { fetchesAnew, following, withLanguage } from "../../model/player";
import { chosen, fetchRecordings, inPlayer, language, play, playsOn, speed, stretches } from "../../state/player";
import { apiUrl } from "../../wire/address";

interface Playback {
  video: { current: HTMLVideoElement | null };
  /** Whether it cannot be played, with a new link neither. */
  failed: Signal<boolean>;
  again(): void;
  /** What the video element reports. */
  events: { onError(): void; onLoadedMetadata(): void; onEnded(): void };
}

/**
 * Has a video element play what was chosen: from the place that was pressed, in the chosen language and speed. A link that
 * has ended is fetched anew, and the playing goes on where it was.
 */
export function usePlayback(): Playback {
  const video = useRef<HTMLVideoElement | null>(null);
  const failed = useSignal(false);
  /** Where it begins once the file is open; a position cannot be set before. */
  const beginMs = useRef<number | null>(null);
  const renewedAtMs = useRef<number | null>(null);
  const plays = useRef(true);
  const positionMs = () => beginMs.current ?? (video.current?.currentTime ?? 0) * 1000;

  const open = (atMs: number) => {
    const [element, stretch] = [video.current, inPlayer.peek()];
    if (!element || !stretch) return;
    failed.value = false;
    beginMs.current = atMs;
    element.src = apiUrl(withLanguage(stretch, language.peek())).href;
    element.defaultPlaybackRate = speed.peek();
    element.load();
  };
  const renew = async () => {
    const at = positionMs();
    if (!fetchesAnew(renewedAtMs.current, at)) return void (failed.value = true);
    renewedAtMs.current = at;
    if (await fetchRecordings()) open(at);
    else failed.value = true;
  };

  const pressed = chosen.value;
  const ofId = useRef<string | null>(null);
  useEffect(() => {
    if (!pressed) return;
    renewedAtMs.current = null;
    plays.current = true;
    if (ofId.current === pressed.id && !failed.peek() && video.current && video.current.readyState > 0) {
      video.current.currentTime = pressed.positionMs / 1000;
      void begin(video.current);
    } else open(pressed.positionMs);
    ofId.current = pressed.id;
  }, [pressed]);
  // The first file is opened by the press, not by the language that was chosen before.
  const heard = useRef(language.peek());
  useEffect(() => {
    if (heard.current === language.value) return;
    heard.current = language.value;
    plays.current = video.current?.paused === false;
    open(positionMs());
  }, [language.value]);
  useEffect(() => {
    if (video.current) video.current.playbackRate = speed.value;
  }, [speed.value]);

  return {
    video,
    failed,
    again() {
      renewedAtMs.current = null;
      void renew();
    },
    events: {
      onError() {
        plays.current = beginMs.current !== null ? plays.current : video.current?.paused === false;
        void renew();
      },
      onEnded() {
        const stretch = inPlayer.peek();
        const next = stretch && playsOn.peek() ? following(stretches.peek() ?? [], stretch) : null;
        if (next) play({ stretch: next, positionMs: 0 });
      },
      onLoadedMetadata() {
        const element = video.current;
        if (!element || beginMs.current === null) return;
        element.currentTime = beginMs.current / 1000;
        beginMs.current = null;
        if (plays.current) void begin(element);
      },
    },
  };
}

/** A browser that refuses to begin by itself leaves that to the reader, who has the controls. */
async function begin(element: HTMLVideoElement): Promise<void> {
  await element.play().catch(() => undefined);
}
