/** How far the backend's clock is ahead of this device's, in milliseconds, as the last answer said. */
let ahead = 0;

/** Zelton's time: a device's clock may be wrong by a day, and what is overdue is not for it to say. */
export const clock = {
  now: (): Date => new Date(Date.now() + ahead),
  heard(date: string | null): void {
    const theirs = Date.parse(date ?? '');
    if (!Number.isNaN(theirs)) ahead = theirs - Date.now();
  },
};
