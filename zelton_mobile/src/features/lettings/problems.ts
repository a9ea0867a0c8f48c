import { paise } from '@/format';

import { dayOf } from './days';

/** What is wrong with a form before it is sent: the name of a sentence in `lettings.wrong`. The backend decides. */
export type Wrong =
  | 'name'
  | 'person'
  | 'contact'
  | 'phone'
  | 'email'
  | 'rent'
  | 'dueDay'
  | 'day'
  | 'startsLongAgo'
  | 'startsFarAhead'
  | 'endsBefore';

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const MARKS = /[\s().+/-]/g;
const LONGEST_AGO = 24; // months
const LONGEST_AHEAD = 366; // days
const DAY = 24 * 60 * 60 * 1000;

export const wrongName = (name: string): Wrong | null => (name.trim() === '' ? 'name' : null);

export const wrongPerson = (name: string): Wrong | null => (name.trim() === '' ? 'person' : null);

/** One way to reach somebody is enough. */
export function wrongPhone(phone: string, email: string): Wrong | null {
  if (phone.trim() === '') return email.trim() === '' ? 'contact' : null;
  return /^\d{7,15}$/.test(phone.replace(MARKS, '')) ? null : 'phone';
}

export const wrongEmail = (email: string): Wrong | null =>
  email.trim() === '' || EMAIL.test(email.trim()) ? null : 'email';

export const wrongRent = (rent: string): Wrong | null => ((paise(rent) ?? 0) < 100 ? 'rent' : null);

export const wrongDueDay = (day: string): Wrong | null =>
  /^(0?[1-9]|[12]\d|3[01])$/.test(day.trim()) ? null : 'dueDay';

export function wrongStart(text: string, today: string): Wrong | null {
  const day = dayOf(text);
  if (day === null) return 'day';
  const monthsAgo = monthsOf(today) - monthsOf(day);
  if (monthsAgo > LONGEST_AGO) return 'startsLongAgo';
  return Date.parse(day) - Date.parse(today) > LONGEST_AHEAD * DAY ? 'startsFarAhead' : null;
}

export function wrongEnd(text: string, startsOn: string): Wrong | null {
  const day = dayOf(text);
  if (day === null) return 'day';
  return day < startsOn ? 'endsBefore' : null;
}

function monthsOf(day: string): number {
  const [year = 0, month = 0] = day.split('-').map(Number);
  return year * 12 + month;
}
