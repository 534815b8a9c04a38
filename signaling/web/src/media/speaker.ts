export const canChooseSpeaker = typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype;

/** Plays on that speaker, or on the default one if it is gone or the browser offers no choice. */
export function onSpeaker(player: HTMLMediaElement | AudioContext, speaker: string | undefined): void {
  if ("setSinkId" in player && typeof player.setSinkId === "function")
    void player.setSinkId(speaker ?? "").catch(() => undefined);
}

/** Whether sound can be played on that speaker. */
export async function canPlayOn(speaker: string): Promise<boolean> {
  if (!canChooseSpeaker) return false;
  return new Audio().setSinkId(speaker).then(
    () => true,
    () => false,
  );
}
