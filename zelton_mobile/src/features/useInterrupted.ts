import { useGlobalSearchParams, usePathname, type Href } from 'expo-router';
import { useCallback, useEffect, useRef } from 'react';

import { useSession } from '@/services/session';

const PUBLIC = new Set(['/sign-in', '/forgot-password', '/password']);

/** Return how to ask, once, where somebody was, or was led by a link, when they had to sign in. */
export function useInterrupted(): (userId: number) => Href | null {
  const { user, ended } = useSession();
  const path = usePathname();
  const params = useGlobalSearchParams();
  // What stands in the path is no query.
  const query = Object.entries(params).filter(
    ([, value]) => typeof value === 'string' && !path.split('/').includes(value),
  );
  const asked = new URLSearchParams(query as [string, string][]).toString();
  const here = asked ? `${path}?${asked}` : path;
  const place = useRef<{ readonly user: number | null; readonly address: string } | null>(null);
  const isSignedOut = user === null;
  const id = user?.id ?? null;

  useEffect(() => {
    if (isSignedOut) {
      // Whoever signed out has left; another person has not been here.
      if (!ended && place.current?.user !== null) place.current = null;
    } else if (!PUBLIC.has(path)) {
      place.current = path === '/' ? null : { user: id, address: here };
    }
  }, [ended, here, id, isSignedOut, path]);

  return useCallback((userId: number) => {
    const found = place.current;
    const isTheirs = found !== null && (found.user === null || found.user === userId);
    return isTheirs ? (found.address as Href) : null;
  }, []);
}
