import type { Language } from "../language";
import "./style.css";
import { texts } from "./texts";

const language: Language = {
  texts,
  locale: "zh-Hant-TW",
  ordinal: (n) => `第 ${n} 位`,
  // The range format of Chinese falls back to digits and slashes.
  dayRange: (format, from, to) => `${format.format(from)}至${format.format(to)}`,
};
export default language;
