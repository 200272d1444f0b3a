/** The moment of a day and a clock time where the person is, as the API takes it; null while the day is not whole. */
export function momentOf(day: string, time: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  const clock = /^\d{2}:\d{2}$/.test(time) ? time : '00:00';
  const moment = new Date(`${day}T${clock}:00`);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}
