import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { Me } from '@/api/schema';
import { meQuery } from '@/features/queries';
import { useSentence, useWord } from '@/i18n/sentence';
import { api } from '@/services/api';
import { Card, Notice, Screen, Switch, Text } from '@/ui';
import { Loaded } from '@/ui/Loaded';

type Kind = keyof Me['notifications'];
interface Group {
  readonly title: 'rent' | 'payments' | 'ownPayments' | 'subscription' | 'autopay';
  readonly kinds: readonly Kind[];
}

const PAYING: readonly Kind[] = ['payment_received', 'payment_failed', 'refund_done', 'refund_failed'];
const OF_TENANTS: readonly Group[] = [
  { title: 'rent', kinds: ['rent_due', 'rent_overdue'] },
  { title: 'payments', kinds: PAYING },
];
const OF_OWNERS: readonly Group[] = [
  { title: 'ownPayments', kinds: PAYING },
  { title: 'subscription', kinds: ['subscription_renews', 'subscription_past_due', 'subscription_expired'] },
  { title: 'autopay', kinds: ['debit_failed', 'mandate_paused', 'mandate_revoked'] },
];

/** Which messages somebody wants. A switch is saved when it is moved. */
export function NotificationsScreen() {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  return (
    <Screen testID="notifications" refreshing={me.isRefetching} onRefresh={() => void me.refetch()}>
      <Text color="muted">{t('notifications.what')}</Text>
      <Loaded query={me}>{(known) => <Content me={known} />}</Loaded>
    </Screen>
  );
}

function Content({ me }: { readonly me: Me }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const word = useWord();
  const { isOn, change, error } = useSwitches(me);
  const isOwner = me.role === 'owner';
  const isThere = (kind: string) => kind in me.notifications;
  return (
    <>
      {me.email ? (
        <Text color="muted">{t('notifications.mailed', { address: me.email })}</Text>
      ) : (
        <Notice tone="warn" testID="no-address">
          {t('notifications.noAddress')}
        </Notice>
      )}
      {error ? <Notice tone="bad">{`${t('notifications.notSaved')} ${sentence(error)}`}</Notice> : null}
      {(isOwner ? OF_OWNERS : OF_TENANTS).map(({ title, kinds }) => (
        <Card key={title}>
          <Text variant="heading">{t(`notifications.${title}`)}</Text>
          {kinds.filter(isThere).map((kind) => (
            <Switch
              key={kind}
              label={t(`notifications.kinds.${kind}`)}
              isOn={isOn(kind)}
              onChange={(wanted) => change({ [kind]: wanted })}
              testID={`switch-${kind}`}
            />
          ))}
        </Card>
      ))}
      <Text variant="small" color="muted">
        {t(isOwner ? 'notifications.alwaysOwner' : 'notifications.always')}
      </Text>
      {Object.keys(me.notifications).every((kind) => word('notifications.kinds', kind)) ? null : (
        <Text variant="small" color="muted">
          {t('notifications.more')}
        </Text>
      )}
    </>
  );
}

/** A switch shows at once what was wished; one that was not saved goes back, and says why. */
function useSwitches(me: Me) {
  const queries = useQueryClient();
  const keep = (known: Partial<Me['notifications']>) =>
    queries.setQueryData(
      meQuery.queryKey,
      (all) => all && { ...all, notifications: { ...all.notifications, ...known } },
    );
  const changing = useMutation({
    scope: { id: 'notifications' }, // one after the other: the last wish is the last that is sent
    mutationFn: (wished: Me['notifications']) => api.changeMe({ notifications: wished }),
    onMutate: async (wished) => {
      await queries.cancelQueries({ queryKey: meQuery.queryKey });
      keep(wished);
    },
    // What was read after an earlier wish had failed is older than this one.
    onSuccess: (_, wished) => void keep(wished),
    onError: (_, wished) => {
      keep(Object.fromEntries(Object.entries(wished).map(([kind, is]) => [kind, !is])));
      // After silence it may have been saved all the same.
      return queries.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
  return { isOn: (kind: Kind) => me.notifications[kind] !== false, change: changing.mutate, error: changing.error };
}
