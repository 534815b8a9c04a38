/** That a room is being recorded. */
export const recorded = {
  "recorded.sign": "Recording",
  "recorded.since": "Recording since {time}",
  "recorded.title": "This room is being recorded",
  "recorded.by": "Recording since {time}, started by {name}.",
  "recorded.by_file": "Recording since {time}, as the conference is set up.",
  "recorded.what":
    "Sound, pictures and shared screens are recorded of whoever has the floor and of the chair, and the language channels. The tiles, messages and whatever is said without the floor are not.",
  "recorded.entered": "This room is being recorded.",
  "recorded.off": "This room is not being recorded.",
  "recorded.controls": "Recording of the room",
  "recorded.start": "Start recording",
  "recorded.stop": "Stop recording",
  "recorded.stop_question": "Stop the recording?",
  "recorded.stop_body": "Everybody is told. What is said until you start it again is missing from the record.",
  "recorded.keep": "Keep recording",
  "recorded.failed":
    "The recording stopped by itself at {time}, because {reason}. The meeting goes on. Ask the operators to see to the disk, then start the recording again.",
  "recorded.failed_operator":
    "The recording of this room stopped by itself at {time}, because {reason}. The meeting goes on. See to the disk of the data folder, then start the recording again.",
  "recorded.seen": "Understood",
  "recorded.reason.disk_full": "the server’s disk is full",
  "recorded.reason.disk_slow": "the server’s disk is too slow",
  "recorded.reason.disk_failed": "the server’s disk takes no more data",
  "recorded.was.disk_full": "the server’s disk was full",
  "recorded.was.disk_slow": "the server’s disk was too slow",
  "recorded.was.disk_failed": "the server’s disk took no more data",
};
