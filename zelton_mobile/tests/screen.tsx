import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/react-native';
import type { ReactElement } from 'react';
import { I18nextProvider } from 'react-i18next';

import type { User } from '@/api/schema';
import { i18n } from '@/i18n';
import { makeQueryClient } from '@/services/queryClient';
import { SessionProvider, useSession } from '@/services/session';
import { secrets } from '@/services/storage/secrets';
import { Text } from '@/ui';

const clients: QueryClient[] = [];
afterEach(() => {
  cleanup();
  for (const queries of clients.splice(0)) queries.clear();
});

/** Show a screen as the app would, to somebody who is signed in (or to nobody). */
export async function show(element: ReactElement, user: User | null): Promise<void> {
  if (user) await secrets.write('session', JSON.stringify({ token: 'a-token', user }));
  else await secrets.forget('session');
  const queries = makeQueryClient();
  clients.push(queries);
  render(
    <I18nextProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <SessionProvider>
          <SignedIn user={user}>{element}</SignedIn>
        </SessionProvider>
      </QueryClientProvider>
    </I18nextProvider>,
  );
  await waitFor(() => expect(screen.queryByText('starting')).toBeNull());
}

function SignedIn({ user, children }: { readonly user: User | null; readonly children: ReactElement }) {
  const session = useSession();
  if (session.user === undefined) return <Text>starting</Text>;
  return user && !session.user ? <Text>signed out</Text> : children;
}
