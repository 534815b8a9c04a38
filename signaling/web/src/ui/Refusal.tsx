import type { Commands } from "../state/commands";

/** Why the last command of these controls was refused, beside them. */
export function Refusal({ commands }: { commands: Commands }) {
  return commands.refused.value ? (
    <p class="refusal" role="alert">
      {commands.refused.value}
    </p>
  ) : null;
}
