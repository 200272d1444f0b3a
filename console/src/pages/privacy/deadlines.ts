export interface DayCalendar {
  /** An IANA time zone. */
  timeZone: string;
  /** Days such as `2026-12-25` on which nobody works, beside Saturdays and Sundays. */
  holidays: readonly string[];
}

export const UTC: DayCalendar = { timeZone: 'UTC', holidays: [] };
const DAY_MS = 86_400_000;

/** The day, such as `2026-03-02`, on which an instant falls in a time zone. */
export function dayOf(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}

const numberOf = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
const dayAt = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);

function isWorkingDay(number: number, holidays: readonly string[]): boolean {
  const weekday = new Date(number * DAY_MS).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidays.includes(dayAt(number));
}

export interface Left {
  /** Calendar days from today to the day it is due; 0 is today, less is overdue. */
  days: number;
  /** Working days after today, the day it is due included; of what is overdue, those that have gone by since. */
  workingDays: number;
  isOverdue: boolean;
}

/** How long there is until a deadline, in the days that laws count in. */
export function leftUntil(dueAt: string, now: number, { timeZone, holidays }: DayCalendar): Left {
  const [today, due] = [dayOf(now, timeZone), dayOf(Date.parse(dueAt), timeZone)].map(numberOf) as [number, number];
  const [first, last] = due >= today ? [today, due] : [due, today];
  let workingDays = 0;
  for (let day = first + 1; day <= last; day += 1) workingDays += isWorkingDay(day, holidays) ? 1 : 0;
  return { days: due - today, workingDays, isOverdue: Date.parse(dueAt) < now };
}
