/** That a room is being recorded. */
export const recorded = {
  "recorded.sign": "錄影中",
  "recorded.since": "錄影中（{time} 起）",
  "recorded.title": "本會議室正在錄影",
  "recorded.by": "自 {time} 起錄影，由 {name} 啟動。",
  "recorded.by_file": "自 {time} 起依會議設定錄影。",
  "recorded.what":
    "錄影內容以取得發言權者之聲音、影像與簡報，以及主席與各語言頻道為限；與會者小畫面、訊息及發言以外之談話均不錄製。",
  "recorded.entered": "本會議室正在錄影。",
  "recorded.off": "本會議室目前未錄影。",
  "recorded.controls": "會議室錄影",
  "recorded.start": "開始錄影",
  "recorded.stop": "停止錄影",
  "recorded.stop_question": "確定停止錄影？",
  "recorded.stop_body": "全體與會者將收到通知。重新開始錄影前之發言，將不列入影音紀錄。",
  "recorded.keep": "繼續錄影",
  "recorded.failed":
    "錄影已於 {time} 自動停止，原因：{reason}。會議不受影響。請洽系統管理人員檢查磁碟後，再行開始錄影。",
  "recorded.failed_operator":
    "本會議室之錄影已於 {time} 自動停止，原因：{reason}。會議不受影響。請檢查資料夾所在磁碟後，再行開始錄影。",
  "recorded.seen": "知悉",
  "recorded.reason.disk_full": "伺服器磁碟已滿",
  "recorded.reason.disk_slow": "伺服器磁碟過慢",
  "recorded.reason.disk_failed": "伺服器磁碟無法寫入",
  "recorded.was.disk_full": "伺服器磁碟已滿",
  "recorded.was.disk_slow": "伺服器磁碟過慢",
  "recorded.was.disk_failed": "伺服器磁碟無法寫入",
};
