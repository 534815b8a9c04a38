/** The agenda. */
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
  "agenda.next": "下一項",
  "agenda.late": "已延遲 {minutes} 分鐘",
  "agenda.done": "已結束",
  "agenda.start": "開始",
  "agenda.end": "結束",
  "agenda.restart": "重新進行",
  "agenda.desk_hint": "開始某項議程時，即依排定之發言人載入發言順序，並設定發言時限。",
};
