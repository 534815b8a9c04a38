export const agenda = {
  "agenda.title": "議程",
  "agenda.minutes": "{minutes} 分鐘",
  "agenda.now": "進行中",

  "item.address": "致詞",
  "item.presentations": "專題報告",
  "item.debate": "討論",
  "item.decision": "決議",
  "item.report": "報告",
  "agenda.on": "進行中",
  "agenda.next": "接著",
  "agenda.late": "延遲 {minutes} 分鐘",
  "agenda.done": "已結束",
  "agenda.start": "開始",
  "agenda.end": "結束",
  "agenda.restart": "再次進行",
  "agenda.desk_hint": "開始某項議程時，將依排定載入發言順序並設定時限。",
};
