import { useQuery } from '@tanstack/react-query';

import { useUser } from '@/services/session';
import { drafts } from '@/services/storage/drafts';

const WORKS_FOR = 7 * 24 * 60 * 60 * 1000;

const nameFor = (userId: number, tenancy: number): string => `${userId}.invitation.${tenancy}`;

/** Keep an invitation's link on this device while it works: the backend tells it once, and it may not be handed over yet. */
export const keepLink = (userId: number, tenancy: number, link: string): Promise<void> =>
  drafts.write(nameFor(userId, tenancy), { link, at: Date.now() });

/** The link with which a tenant is invited, if this device made it and it may still work. */
export function useKeptLink(tenancy: number): string | null {
  const { id } = useUser();
  const kept = useQuery({
    queryKey: ['invitation', tenancy],
    queryFn: async () => {
      const found = await drafts.read(nameFor(id, tenancy));
      const isKept = typeof found === 'object' && found !== null && 'link' in found && 'at' in found;
      const works = isKept && typeof found.at === 'number' && Date.now() - found.at < WORKS_FOR;
      return works && typeof found.link === 'string' && found.link !== '' ? found.link : null;
    },
  });
  return kept.data ?? null;
}
