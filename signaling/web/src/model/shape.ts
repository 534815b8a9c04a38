/** How the room is laid out: side panel beside the stage; side panel over the stage; a phone held upright; a phone held sideways. */
export type Shape = "wide" | "middle" | "narrow" | "flat";

const WIDE_REM = 64;
const MIDDLE_REM = 40;
const FLAT_REM = 30;

/** The layout for a window, measured in the size of its text: twice the text is half the window. */
export function shapeOf(widthRem: number, heightRem: number): Shape {
  if (heightRem < FLAT_REM && widthRem > heightRem) return "flat";
  if (widthRem >= WIDE_REM) return "wide";
  return widthRem >= MIDDLE_REM ? "middle" : "narrow";
}
