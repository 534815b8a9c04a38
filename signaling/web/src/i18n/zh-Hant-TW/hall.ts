/** 會場大螢幕。 */
export const hall = {
  "hall.lost": "自 {time} 起連線中斷，正在重新連線…",
  "hall.more": "另有 {n} 位",
  "hall.sound_blocked": "瀏覽器封鎖了聲音，請按任意鍵一次。",
};
