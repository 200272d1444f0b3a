const DAY_MS = 86_400_000;

/** Whether credentials end within two weeks, or have ended. */
export const endSoon = (at: string | null, now: number): boolean => at !== null && Date.parse(at) - now < 14 * DAY_MS;
