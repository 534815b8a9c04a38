import { LanguageSwitch } from "./LanguageSwitch";

interface Props {
  title: string;
  body: string;
  action?: { label: string; does(): void };
}

/** What went wrong, and what to do about it. */
export function Message({ title, body, action }: Props) {
  return (
    <main class="message">
      <img src="mark.svg" alt="" width="48" height="48" />
      <h1>{title}</h1>
      <p role="alert">{body}</p>
      {action && (
        <button type="button" class="main" onClick={action.does}>
          {action.label}
        </button>
      )}
      <LanguageSwitch />
    </main>
  );
}
