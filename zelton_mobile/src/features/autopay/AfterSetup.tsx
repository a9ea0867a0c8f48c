import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { SubscriptionPayment } from '@/api/schema';
import { subscriptionQuery } from '@/features/queries';
import { day, money } from '@/format';
import { Card, Row, Text } from '@/ui';

/** What follows once AutoPay is set up: what will be debited and when, and what becomes of the money that came with it. */
export function AfterSetup({ payment }: { readonly payment: SubscriptionPayment }) {
  const { t, i18n } = useTranslation();
  const { data } = useQuery(subscriptionQuery);
  const { next_debit_at: at, next_debit_amount: amount, max_amount: most } = data?.autopay ?? {};
  return (
    <Card tone="accent">
      {at && amount ? (
        <>
          <Row strong label={t('autopay.nextDebit')} value={money(amount)} hint={day(at, i18n.language)} />
          <Text testID="first-debit">
            {t('autopay.setup.firstDebit', { amount: money(amount), day: day(at, i18n.language) })}
          </Text>
        </>
      ) : null}
      {most ? <Row label={t('autopay.maxAmount')} value={money(most)} /> : null}
      <Text color="muted">
        {t(payment.goes_back ? 'autopay.setup.goesBack' : 'autopay.setup.paidFirst', { amount: money(payment.amount) })}
      </Text>
    </Card>
  );
}
