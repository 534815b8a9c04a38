/** The option that a select element now has, as one of the values it was given. */
export function chosen<T extends string>(options: readonly T[], event: { currentTarget: HTMLSelectElement }): T | undefined {
  return options.find((option) => option === event.currentTarget.value);
}
