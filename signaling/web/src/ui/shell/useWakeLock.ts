import { useEffect } from "preact/hooks";

/** Keeps the screen on while the participant is seated. The browser ends the lock whenever the page is hidden. */
export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let seated = true;
    const hold = async () => {
      if (document.visibilityState !== "visible") return;
      // Refused by a browser that saves power: then the screen turns off as it always does.
      const held = await navigator.wakeLock?.request("screen").catch(() => null);
      if (seated) lock = held ?? null;
      else void held?.release();
    };
    const again = () => void hold();
    document.addEventListener("visibilitychange", again);
    again();
    return () => {
      seated = false;
      document.removeEventListener("visibilitychange", again);
      void lock?.release();
    };
  }, []);
}
