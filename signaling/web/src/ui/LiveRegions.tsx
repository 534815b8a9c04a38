import { announcements, type Urgency } from "../state/notices";

/** The live regions for screen readers. They are there before anything is said, because a region that comes with its text is not read. */
export function LiveRegions() {
  return (
    <>
      <Region urgency="polite" role="status" />
      <Region urgency="assertive" role="alert" />
    </>
  );
}

function Region({ urgency, role }: { urgency: Urgency; role: "status" | "alert" }) {
  const said = announcements.value.filter((each) => each.urgency === urgency);
  return (
    <div class="hidden" role={role} aria-live={urgency} aria-atomic="false" data-testid={`live-${urgency}`}>
      {said.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}
