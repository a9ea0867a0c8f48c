/** Days of the Indian calendar, as the API has them (`2026-11-05`) and as people write them (`05/11/2026`). */

const WRITTEN = /^(\d{1,2})[./\s-](\d{1,2})[./\s-](\d{4})$/;

/** The day that somebody wrote, or null if it is none: day, month, year. */
export function dayOf(text: string): string | null {
  const [, day = '', month = '', year = ''] = WRITTEN.exec(text.trim()) ?? [];
  const value = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && iso(date) === value ? value : null;
}

export function written(day: string): string {
  const [year, month, date] = day.split('-');
  return `${date}/${month}/${year}`;
}

export const firstOfMonth = (day: string, monthsLater = 0): string => iso(dateAt(day, monthsLater, 1));
export const lastOfMonth = (day: string, monthsLater = 0): string => iso(dateAt(day, monthsLater + 1, 0));

function dateAt(day: string, monthsLater: number, date: number): Date {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + monthsLater, date));
}

const iso = (date: Date): string => date.toISOString().slice(0, 10);
