/** The screen of a hall. */
export const hall = {
  "hall.lost": "No connection since {time}. Reconnecting…",
  "hall.more": "and {n} more",
  "hall.sound_blocked": "The browser blocks sound. Press any key once.",
};
