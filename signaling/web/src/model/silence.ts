/** The room says several times a second how loud a speaker is: when it is silent for so long, both are asked. */
export const ROOM_SILENCE_MS = 400;
/** When the media path brings nothing either for so long, the network has changed. */
export const MEDIA_SILENCE_MS = 400;

/** What the media path had brought when it was asked first, or when it last brought something; `null` while the room speaks. */
export type Silence = { bytes: number; since: number } | null;

/**
 * Whether both the room and the media path have fallen silent, which a severed connection does not say by itself. A loss
 * of packets alone silences one of them at most: their reports come by different ways.
 */
export function listen(silence: Silence, bytes: number, now: number): { silence: Silence; isSevered: boolean } {
  if (!silence || silence.bytes !== bytes) return { silence: { bytes, since: now }, isSevered: false };
  return { silence, isSevered: now - silence.since >= MEDIA_SILENCE_MS };
}
