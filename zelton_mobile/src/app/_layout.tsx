import { QueryClientProvider } from '@tanstack/react-query';
import { Stack } from 'expo-router';
import { StatusBar } from 'expo-status-bar';
import { useEffect, useState } from 'react';
import { I18nextProvider, useTranslation } from 'react-i18next';

import { useOpenPaymentFirst } from '@/features/payments/useOpenPaymentFirst';
import { i18n } from '@/i18n';
import { followDevice, makeQueryClient } from '@/services/queryClient';
import { SessionProvider, useSession } from '@/services/session';
import { Loading, Screen, useColors } from '@/ui';
import { type } from '@/ui/theme';

export { BrokenScreen as ErrorBoundary } from '@/screens/BrokenScreen';

// Whoever comes by a link has a way back, to the home screen.
export const unstable_settings = { anchor: '(tabs)' };

export default function RootLayout() {
  const [queries] = useState(makeQueryClient);
  useEffect(followDevice, []);
  return (
    <I18nextProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <SessionProvider>
          <StatusBar style="auto" />
          <Screens />
        </SessionProvider>
      </QueryClientProvider>
    </I18nextProvider>
  );
}

function Screens() {
  const { t } = useTranslation();
  const { user } = useSession();
  const colors = useColors();
  useOpenPaymentFirst();
  if (user === undefined) {
    return (
      <Screen>
        <Loading label={t('common.loading')} />
      </Screen>
    );
  }
  return (
    <Stack
      screenOptions={{
        headerTintColor: colors.accent,
        headerTitleStyle: { ...type.heading, color: colors.ink },
        headerStyle: { backgroundColor: colors.card },
        headerBackTitle: t('common.back'),
      }}
    >
      <Stack.Protected guard={user !== null}>
        <Stack.Screen name="(tabs)" options={{ headerShown: false }} />
        <Stack.Screen name="pay" options={{ title: t('titles.pay') }} />
        <Stack.Screen name="payments/[merchantOrderId]" options={{ title: t('titles.payment') }} />
        <Stack.Screen name="received/[id]" options={{ title: t('titles.payment') }} />
        <Stack.Protected guard={user?.role === 'owner'}>
          <Stack.Screen name="property/new" options={{ title: t('titles.newProperty') }} />
          <Stack.Screen name="property/[id]" options={{ title: t('titles.property') }} />
          <Stack.Screen name="unit/new" options={{ title: t('titles.newUnit') }} />
          <Stack.Screen name="unit/[id]" options={{ title: t('titles.unit') }} />
          <Stack.Screen name="billing" options={{ title: t('titles.billing') }} />
          <Stack.Screen name="let/[id]" options={{ title: t('titles.letUnit') }} />
        </Stack.Protected>
        <Stack.Screen name="statement" options={{ title: t('titles.statement') }} />
        <Stack.Screen name="notifications" options={{ title: t('titles.notifications') }} />
        <Stack.Screen name="change-password" options={{ title: t('titles.changePassword') }} />
      </Stack.Protected>
      <Stack.Protected guard={user === null}>
        <Stack.Screen name="sign-in" options={{ headerShown: false }} />
      </Stack.Protected>
      <Stack.Screen name="+not-found" options={{ title: 'Zelton' }} />
      <Stack.Screen name="forgot-password" options={{ title: t('titles.forgotPassword') }} />
      <Stack.Screen name="password" options={{ title: t('titles.choosePassword') }} />
    </Stack>
  );
}
