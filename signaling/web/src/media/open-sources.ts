import type { Role } from "../model/types";
import { choice, microphone, camera, openCamera, openMicrophone } from "./devices";

export function sends(role: Role | undefined): boolean {
  return role === "delegate" || role === "moderator" || role === "interpreter";
}

/** An interpreter is heard and never shown. */
export function sendsPicture(role: Role | undefined): boolean {
  return sends(role) && role !== "interpreter";
}

/** Opens what this person sends, as chosen before. What cannot be opened is left out: a seat needs no camera. */
export async function openSources(role: Role | undefined): Promise<void> {
  if (!sends(role)) return;
  if (!microphone.value) await openMicrophone().catch(() => undefined);
  if (sendsPicture(role) && !camera.value && !choice.value.soundOnly) await openCamera().catch(() => undefined);
}
