/** The option that a select element now has, as one of the values it was given. */
export function chosen<T extends string>(
  options: readonly T[],
  event: { currentTarget: HTMLSelectElement },
): T | undefined {
  return options.find((option) => option === event.currentTarget.value);
}

/** The value that was chosen in a select element that is a menu of actions. It shows none again, whatever comes of it. */
export function takenBack(event: { currentTarget: HTMLSelectElement }): string {
  const { value } = event.currentTarget;
  event.currentTarget.value = "";
  return value;
}
