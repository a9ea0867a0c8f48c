import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useTranslation } from 'react-i18next';

import { subscriptionQuery } from '@/features/queries';
import { ApiError } from '@/services/api';
import { Button, Notice, Text } from '@/ui';

/** Whether the plan has one more unit; true while nobody knows, because the backend decides. */
export function useHasRoom(): boolean {
  const { data } = useQuery(subscriptionQuery);
  return !data || data.units_allowed === null || data.units_used < data.units_allowed;
}

/** How many units the plan has and how many are used; where there are no more, the way to a larger plan. */
export function UnitLimit({ error }: { readonly error?: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  const hasRoom = useHasRoom();
  const { data } = useQuery(subscriptionQuery);
  const isRefused = error instanceof ApiError && error.code === 'unit_limit';
  if (!data || data.units_allowed === null)
    return isRefused ? <ToPlans onPress={() => router.push('/subscription')} /> : null;
  const figures = { used: data.units_used, count: data.units_allowed };
  if (hasRoom && !isRefused) {
    return (
      <Text color="muted" testID="unit-limit">
        {t('lettings.unitsUsed', figures)}
      </Text>
    );
  }
  return (
    <>
      {isRefused ? null : (
        <Notice tone="warn" testID="unit-limit">
          {t('lettings.noMoreUnits', figures)}
        </Notice>
      )}
      <ToPlans onPress={() => router.push('/subscription')} />
    </>
  );
}

function ToPlans({ onPress }: { readonly onPress: () => void }) {
  const { t } = useTranslation();
  return <Button kind="secondary" icon="star" label={t('lettings.seePlans')} onPress={onPress} testID="see-plans" />;
}
