import { choose, microphone, microphoneSource, pictureConstraints, type Processing } from "./devices";

/** Whether the browser lets the participant choose. */
export function canChooseProcessing(what: Processing): boolean {
  return navigator.mediaDevices?.getSupportedConstraints()[what] === true;
}

/** Processes the sound of the microphone, or no longer. False if the browser or the device does not do so. */
export async function setProcessing(what: Processing, on: boolean): Promise<boolean> {
  const undo = () => choose({ [what]: !on });
  choose({ [what]: on });
  if (!(await microphoneSource.change(undefined, undo))) return false;
  const settings = microphone.value?.getSettings()[what];
  if (settings === undefined || settings === on) return true;
  undo();
  return false;
}

/** Whether the browser blurs what is behind the participant, as it says of the camera's track; `null` if it offers no choice. */
export function backgroundBlur(track: MediaStreamTrack | null): boolean | null {
  const able = track?.getCapabilities?.() as { backgroundBlur?: boolean[] } | undefined;
  if (!track || !able?.backgroundBlur?.includes(true) || !able.backgroundBlur.includes(false)) return null;
  return (track.getSettings() as { backgroundBlur?: boolean }).backgroundBlur === true;
}

/** Blurs the background, or no longer. False if the browser does not do so now. */
export async function blurBackground(track: MediaStreamTrack, on: boolean): Promise<boolean> {
  const exactly: MediaTrackConstraints & { backgroundBlur: ConstrainBoolean } = {
    ...pictureConstraints(),
    backgroundBlur: { exact: on },
  };
  try {
    await track.applyConstraints(exactly);
  } catch {
    return false;
  }
  choose({ backgroundBlur: on });
  return true;
}
