/** The agenda. */
export const agenda = {
  "agenda.title": "Agenda",
  "agenda.minutes": "{minutes} min",
  "agenda.now": "Now",

  "item.address": "Address",
  "item.presentations": "Presentations",
  "item.debate": "Debate",
  "item.decision": "Decision",
  "item.report": "Report",
  "agenda.on": "On now",
  "agenda.next": "Next",
  "agenda.late": "Running {minutes} min late",
  "agenda.done": "Done",
  "agenda.start": "Start",
  "agenda.end": "End",
  "agenda.restart": "Reopen",
  "agenda.desk_hint":
    "Starting an item sets its time limits and, where the speaking order is “As agreed in the agenda”, the order of its planned speakers.",
  "agenda.overdue": "Should have begun {minutes} min ago",
  "agenda.began_late": "Began {minutes} min late",
  "agenda.overruns": "Overruns by {minutes} min",
  "agenda.planned": "Planned to speak: {names}",
  "agenda.not_followed":
    "The speaking order is “{policy}”, so the planned speakers come in that order, not as planned. To follow the plan, choose “{agreed}” in the rules.",
  "agenda.load": "Put the planned speakers on the list",
  "agenda.postpone": "Postpone",
  "agenda.postpone_by": "Postpone…",
  "agenda.by_minutes": "by {minutes} min",
  "agenda.to_the_end": "to the end of the agenda",
  "agenda.loaded": "Planned speakers put on the list: {count}.",
  "agenda.not_loaded": "Left out, because they have a request already or cannot hold the floor: {names}.",
};
