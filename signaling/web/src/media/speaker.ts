/** What can be sent to a chosen speaker, in browsers that can. */
interface Routed {
  setSinkId?(id: string): Promise<void>;
}

export const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;

/** Plays on that speaker, or on the default one if it is gone or the browser has no say in it. */
export function onSpeaker(player: object, speaker: string | undefined): void {
  void (player as Routed).setSinkId?.(speaker ?? "").catch(() => undefined);
}
