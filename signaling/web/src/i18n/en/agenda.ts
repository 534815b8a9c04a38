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
  "agenda.desk_hint": "Starting an item loads its planned speakers as the speaking order and sets its time limits.",
};
