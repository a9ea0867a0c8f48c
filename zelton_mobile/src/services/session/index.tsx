import { useQueryClient } from '@tanstack/react-query';
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

import type { User } from '@/api/schema';
import { api, credentials } from '@/services/api';
import { drafts } from '@/services/storage/drafts';
import { secrets } from '@/services/storage/secrets';

const NAME = 'session';

interface Session {
  /** `undefined` while the device is being asked; null: nobody is signed in. */
  readonly user: User | null | undefined;
  /** The sign-in ended by itself: it ran out, or was ended elsewhere. */
  readonly ended: boolean;
  signIn: (username: string, password: string) => Promise<void>;
  signOut: (everywhere?: boolean) => Promise<void>;
  /** After the password was changed, which ends every token. */
  forget: () => Promise<void>;
}

const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error('useSession outside of SessionProvider');
  return session;
}

/** The user of a screen that only those who are signed in see. */
export function useUser(): User {
  const { user } = useSession();
  if (!user) throw new Error('Nobody is signed in');
  return user;
}

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [user, setUser] = useState<User | null | undefined>(undefined);
  const [ended, setEnded] = useState(false);

  const forget = useCallback(async () => {
    credentials.use(null);
    setUser(null);
    queries.clear();
    await secrets.forget(NAME);
  }, [queries]);

  useEffect(() => {
    credentials.onRejected(() => {
      setEnded(true);
      void forget();
    });
    void stored().then((found) => {
      credentials.use(found?.token ?? null);
      setUser(found?.user ?? null);
    });
  }, [forget]);

  const signIn = useCallback(async (username: string, password: string) => {
    const { token, user: signedIn } = await api.signIn(username, password);
    await secrets.write(NAME, JSON.stringify({ token, user: signedIn }));
    credentials.use(token);
    setEnded(false);
    setUser(signedIn);
  }, []);

  const signOut = useCallback(
    async (everywhere = false) => {
      // Everywhere is a promise about other devices, so it has to be kept; here the token is thrown away in any case.
      if (everywhere) await api.signOutEverywhere();
      else await api.signOut().catch(() => undefined);
      setEnded(false);
      await drafts.forgetAll();
      await forget();
    },
    [forget],
  );

  const session = useMemo(() => ({ user, ended, signIn, signOut, forget }), [user, ended, signIn, signOut, forget]);
  return <Context.Provider value={session}>{children}</Context.Provider>;
}

async function stored(): Promise<{ token: string; user: User } | null> {
  try {
    const value: unknown = JSON.parse((await secrets.read(NAME)) ?? 'null');
    const isSession = typeof value === 'object' && value !== null && 'token' in value && 'user' in value;
    return isSession && typeof value.token === 'string' ? (value as { token: string; user: User }) : null;
  } catch {
    return null;
  }
}
