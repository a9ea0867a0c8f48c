import type { Tenancy } from '@/api/schema';

export interface Standing {
  /** Who lives there now. */
  readonly current: Tenancy | undefined;
  /** Who moves in later, the next one first. */
  readonly coming: readonly Tenancy[];
  /** Who lived there, the last one first. */
  readonly past: readonly Tenancy[];
}

/** How a unit is let on a day. */
export function standingOf(unit: number, tenancies: readonly Tenancy[], today: string): Standing {
  const own = tenancies.filter(({ unit_id }) => unit_id === unit).sort((a, b) => (a.starts_on < b.starts_on ? -1 : 1));
  const isOver = ({ ends_on }: Tenancy) => ends_on !== null && ends_on < today;
  return {
    current: own.find((tenancy) => tenancy.starts_on <= today && !isOver(tenancy)),
    coming: own.filter(({ starts_on }) => starts_on > today),
    past: own.filter(isOver).reverse(),
  };
}
