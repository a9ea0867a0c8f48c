import { todayInIndia } from '@/format';

export const PERIODS = ['thisMonth', 'lastMonth', 'thisYear', 'lastYear'] as const;
export type Period = (typeof PERIODS)[number];

/** Days of the Indian calendar, both inclusive. A year is India's financial year, which begins in April. */
export function periodOf(period: Period, today: string = todayInIndia()): { from: string; to: string } {
  const [year = 0, month = 1] = today.split('-').map(Number);
  switch (period) {
    case 'thisMonth':
      return { from: firstOf(year, month), to: lastOf(year, month) };
    case 'lastMonth':
      return { from: firstOf(year, month - 1), to: lastOf(year, month - 1) };
    default: {
      const begins = (month >= 4 ? year : year - 1) - (period === 'lastYear' ? 1 : 0);
      return { from: firstOf(begins, 4), to: lastOf(begins + 1, 3) };
    }
  }
}

const firstOf = (year: number, month: number): string => iso(Date.UTC(year, month - 1, 1));
const lastOf = (year: number, month: number): string => iso(Date.UTC(year, month, 0));
const iso = (instant: number): string => new Date(instant).toISOString().slice(0, 10);
