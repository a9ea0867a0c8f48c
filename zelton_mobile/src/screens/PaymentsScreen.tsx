import { useInfiniteQuery } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useTranslation } from 'react-i18next';

import { PaymentItem } from '@/features/payments/PaymentItem';
import { paymentsQuery } from '@/features/queries';
import { useUser } from '@/services/session';
import { Blank, Button, Screen } from '@/ui';
import { Loaded } from '@/ui/Loaded';

/** Of a tenant what they paid, of an owner what came: newest first. */
export function PaymentsScreen() {
  const { t } = useTranslation();
  const router = useRouter();
  const isOwner = useUser().role === 'owner';
  const payments = useInfiniteQuery(paymentsQuery);
  return (
    <Screen
      testID="payments"
      title={t('tabs.payments')}
      refreshing={payments.isRefetching}
      onRefresh={() => void payments.refetch()}
    >
      <Button
        kind="secondary"
        icon="paper"
        label={t('titles.statement')}
        onPress={() => router.push('/statement')}
        testID="statement-link"
      />
      <Loaded query={payments}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.results);
          if (all.length === 0) {
            return (
              <Blank icon="list" title={t('payments.none')} testID="no-payments">
                {t(isOwner ? 'payments.noneOwner' : 'payments.noneTenant')}
              </Blank>
            );
          }
          return all.map((payment) => (
            <PaymentItem
              key={payment.id}
              payment={payment}
              who={isOwner ? `${payment.payer} · ${payment.unit}` : `${payment.property}, ${payment.unit}`}
              onPress={() =>
                router.push(isOwner ? `/received/${payment.id}` : `/payments/${payment.merchant_order_id}`)
              }
            />
          ));
        }}
      </Loaded>
      {payments.hasNextPage ? (
        <Button
          kind="plain"
          label={t('common.more')}
          busy={payments.isFetchingNextPage}
          onPress={() => void payments.fetchNextPage()}
        />
      ) : null}
    </Screen>
  );
}
