import type { sound as english } from "../en/sound";

export const sound: Record<keyof typeof english, string> = {
  "sound.channel": "聲音頻道",
  "sound.floor": "現場原音",
  "sound.not_interpreted": "{language}（目前無口譯）",
  "sound.interpreted": "您正在收聽 {name} 的{language}口譯。",
  "sound.begins": "{language}口譯即將開始。",
  "sound.own": "您正在擔任{language}口譯，您聽到的是現場原音。",
  "sound.passes": "目前無人口譯為{language}，您聽到的是現場原音。",
  "sound.interrupted": "{language}口譯中斷。恢復之前，您聽到的是現場原音。",

  "interpret.title": "口譯",
  "interpret.into": "開始口譯：",
  "interpret.take_over": "接替 {name}：",
  "interpret.taken": "{name} 正在口譯：",
  "interpret.stop": "結束口譯：",
  "interpret.heard": "此頻道的聽眾聽得到您。",
  "interpret.not_heard": "聽眾聽不到您：伺服器沒有收到您的聲音，或主席已將您靜音。聽眾目前聽到現場原音。",
  "interpret.hand_over": "交給 {name}",
  "interpret.from": "口譯的來源",
  "interpret.from_floor": "來源：現場原音",
  "interpret.from_language": "來源：{language}",

  "channels.title": "語言頻道",
  "channels.nobody": "無人口譯，聽眾聽到現場原音",
  "channels.by_whom": "由 {name} 口譯",
  "channels.by_lost": "聽不到 {name}，聽眾聽到現場原音",
  "channels.interrupted": "中斷",
  "channels.assign": "指派{language}口譯",
  "channels.assign_to": "指派給…",
  "channels.clear": "清除",
};
