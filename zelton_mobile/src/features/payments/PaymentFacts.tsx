import { useTranslation } from 'react-i18next';

import type { Payment, SubscriptionPayment } from '@/api/schema';
import { moment, money, month } from '@/format';
import { usePlanName, useWord } from '@/i18n/sentence';
import { Badge, Card, Divider, Row, Text, type Tone } from '@/ui';

interface Props {
  readonly payment: Payment | SubscriptionPayment;
  readonly merchantOrderId?: string;
}

/** What is known of a payment, line by line; what is not known yet has no line. */
export function PaymentFacts({ payment, merchantOrderId }: Props) {
  const { t, i18n } = useTranslation();
  const word = useWord();
  const planName = usePlanName();
  const facts: [string, string][] = [[t('facts.amount'), money(payment.amount)]];
  if ('unit' in payment) facts.push([t('facts.for'), `${payment.property}, ${payment.unit}`]);
  else facts.push([t('facts.plan'), planName(payment.plan, payment.period)]);
  if ('months' in payment && payment.months.length > 0) {
    facts.push([t('facts.months'), payment.months.map((name) => month(name, i18n.language)).join(', ')]);
  }
  if (payment.paid_at) facts.push([t('facts.paidAt'), moment(payment.paid_at, i18n.language)]);
  else facts.push([t('facts.begunAt'), moment(payment.created_at, i18n.language)]);
  if (payment.payment_mode) {
    facts.push([t('facts.mode'), word('modes', payment.payment_mode) ?? t('unknown.mode')]);
  }
  if (payment.utr) facts.push([t('facts.utr'), payment.utr]);
  if (merchantOrderId) facts.push([t('facts.order'), merchantOrderId]);
  return facts.map(([label, value]) => <Row key={label} label={label} value={value} selectable />);
}

const REFUND_TONES: Partial<Record<string, Tone>> = { COMPLETED: 'good', FAILED: 'bad' };

export function RefundList({ payment }: { readonly payment: Payment | SubscriptionPayment }) {
  const { t, i18n } = useTranslation();
  const word = useWord();
  return (
    <Card>
      <Text variant="heading">{t('refunds.title')}</Text>
      {payment.refunds.map((refund, index) => (
        <RefundLine
          key={refund.merchant_refund_id}
          divided={index > 0}
          amount={money(refund.amount)}
          reason={refund.reason}
          at={moment(refund.finished_at ?? refund.created_at, i18n.language)}
          state={word('refunds.states', refund.state) ?? t('unknown.standing')}
          tone={REFUND_TONES[refund.state] ?? 'warn'}
        />
      ))}
    </Card>
  );
}

interface LineProps {
  readonly divided: boolean;
  readonly amount: string;
  readonly reason: string;
  readonly at: string;
  readonly state: string;
  readonly tone: Tone;
}

function RefundLine({ divided, amount, reason, at, state, tone }: LineProps) {
  return (
    <>
      {divided ? <Divider /> : null}
      <Row label={reason || at} hint={reason ? at : undefined} value={amount} />
      <Badge label={state} tone={tone} />
    </>
  );
}
