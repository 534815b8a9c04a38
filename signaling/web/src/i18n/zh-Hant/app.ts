import type { app as english } from "../en/app";

export const app: Record<keyof typeof english, string> = {
  "app.name": "Plenary",
  "app.language": "語言",
  "app.skip": "跳至主要操作",
  "app.loading": "正在開啟您的席位…",
  "app.retry": "再試一次",

  "link.none.title": "請由邀請連結進入",
  "link.none.body": "請開啟邀請函中的個人連結。若找不到，請洽大會秘書處重新寄送。",
  "link.bad.title": "此邀請無法使用",
  "link.bad.body": "邀請可能已過期、已撤回，或屬於其他會議。請向秘書處索取新的連結。{detail}",
  "link.network.title": "無法連上會議",
  "link.network.body": "請檢查網路連線後再試一次。您的席位仍然保留。",

  "role.delegate": "代表",
  "role.moderator": "主持人",
  "role.clerk": "議事人員",
  "role.interpreter": "口譯員",
  "role.operator": "技術人員",
  "role.viewer": "列席旁聽",

  "status.member": "會員",
  "status.observer": "觀察員",
  "status.guest": "來賓",

  "link.state.connected": "已連線",
  "link.state.media": "正在連接影音…",
  "link.state.connecting": "連線中…",
  "link.figures": "往返 {rtt}，{path}",

  "trouble.reconnecting": "重新連線中，您的席位仍然保留。",
  "trouble.reconnecting_place": "重新連線中，您的順位仍然保留（{place}）。",
  "trouble.reconnecting_floor": "重新連線中。發言權仍屬於您，計時已暫停。",
  "trouble.replaced.title": "您已在另一台裝置入席",
  "trouble.replaced.body": "此頁面已停止。若要在此繼續，請取回席位。",
  "trouble.device_replaced": "您的另一台裝置正在傳送影音，此裝置僅供觀看。",
  "trouble.unauthorized.title": "您的邀請已失效",
  "trouble.unauthorized.body": "邀請已撤回或過期。請向秘書處索取新的連結。",
  "trouble.forbidden.title": "您在此會議室沒有席位",
  "trouble.forbidden.body": "主席已結束您的席位，或您的邀請屬於其他會議室。請回到您的席位並選擇會議室。",
  "trouble.here": "使用此裝置",
  "trouble.to_seat": "回到您的席位",
  "trouble.unanswered": "連線在收到回覆前中斷。請以會議室顯示的狀態為準。",
  "trouble.refused": "無法執行此操作。",
  "trouble.media_lost": "影音中斷，正在重新連接…",
};
