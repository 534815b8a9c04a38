import { useEffect, useRef } from "preact/hooks";
import { positionIn, type OtherSound } from "../../model/player";
import { apiUrl } from "../../wire/address";

/** What is further apart is heard as an echo of the room. */
const MAX_DRIFT_MS = 120;
/** A file is opened so long before it is heard, so that it is there in time. */
const AHEAD_MS = 5_000;
const EVENTS = [
  "play",
  "playing",
  "pause",
  "waiting",
  "seeking",
  "seeked",
  "timeupdate",
  "ratechange",
  "volumechange",
  "ended",
  "emptied",
] as const;

/**
 * Has those heard who were heard besides the speaker: a browser plays one track of sound of a file, so each of them is an
 * element of its own, which follows the video.
 */
export function useOthers(video: { current: HTMLVideoElement | null }, sounds: readonly OtherSound[]): void {
  const players = useRef(new Map<string, HTMLAudioElement>());
  useEffect(() => {
    const element = video.current;
    const open = players.current;
    if (!element) return;
    const follow = () => {
      for (const sound of sounds) {
        const atMs = element.currentTime * 1000;
        const at = positionIn(sound, atMs);
        let player = open.get(sound.id);
        if (at === null && positionIn(sound, atMs + AHEAD_MS) === null) {
          player?.pause();
          continue;
        }
        if (!player) {
          player = new Audio(apiUrl(sound.url).href);
          player.addEventListener("loadedmetadata", follow);
          open.set(sound.id, player);
        }
        keepInStep(player, element, at);
      }
    };
    follow();
    for (const event of EVENTS) element.addEventListener(event, follow);
    return () => {
      for (const event of EVENTS) element.removeEventListener(event, follow);
      for (const player of open.values()) {
        player.removeEventListener("loadedmetadata", follow);
        player.pause();
        // Ends what is still being fetched.
        player.removeAttribute("src");
        player.load();
      }
      open.clear();
    };
  }, [sounds]);
}

function keepInStep(player: HTMLAudioElement, video: HTMLVideoElement, at: number | null): void {
  const plays = at !== null && !video.paused && !video.seeking && !video.ended && video.readyState >= 3;
  player.muted = video.muted;
  player.volume = video.volume;
  player.playbackRate = video.playbackRate;
  if (at !== null && player.readyState > 0 && Math.abs(player.currentTime * 1000 - at) > MAX_DRIFT_MS)
    player.currentTime = at / 1000;
  // What cannot be played is silent, and the speaker is heard all the same.
  if (plays && player.paused) void player.play().catch(() => undefined);
  if (!plays && !player.paused) player.pause();
}
