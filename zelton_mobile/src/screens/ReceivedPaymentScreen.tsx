import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { AskRefundRequest, Payment } from '@/api/schema';
import { PdfButton } from '@/features/documents/PdfButton';
import { withKey } from '@/features/idempotency';
import { PaymentFacts, RefundList } from '@/features/payments/PaymentFacts';
import { paymentQuery } from '@/features/queries';
import { amountProblem } from '@/features/payments/amount';
import { money, paise, rupees } from '@/format';
import { useFailureSentence, useSentence } from '@/i18n/sentence';
import { api } from '@/services/api';
import { useUser } from '@/services/session';
import { Button, Card, Choices, Field, Notice, Row, Screen, Text } from '@/ui';
import { Loaded } from '@/ui/Loaded';

/** A payment that came to an owner, and its way back to the tenant. */
export function ReceivedPaymentScreen({ id }: { readonly id: number }) {
  const payment = useQuery(paymentQuery(id));
  return (
    <Screen testID="received" refreshing={payment.isRefetching} onRefresh={() => void payment.refetch()}>
      <Loaded query={payment}>{(data) => <Content payment={data} />}</Loaded>
    </Screen>
  );
}

function Content({ payment }: { readonly payment: Payment }) {
  const { t } = useTranslation();
  const failureSentence = useFailureSentence();
  const isPaid = payment.state === 'COMPLETED';
  const withheld = isPaid && !payment.under_review ? withheldPaise(payment) : 0;
  return (
    <>
      {payment.failure ? <Notice tone="plain">{failureSentence(payment.failure)}</Notice> : null}
      {payment.under_review ? <Notice tone="warn">{t('status.reviewText')}</Notice> : null}
      {payment.state === 'PENDING' && !payment.under_review ? (
        <Notice tone="warn">{t('received.pending')}</Notice>
      ) : null}
      <Card>
        <Row label={t('facts.payer')} value={payment.payer} />
        <PaymentFacts payment={payment} merchantOrderId={payment.merchant_order_id} />
        {paise(payment.refunded_amount) ? (
          <Row label={t('facts.refunded')} value={money(payment.refunded_amount)} />
        ) : null}
      </Card>
      {payment.refunds.length > 0 ? <RefundList payment={payment} /> : null}
      {isPaid ? (
        <PdfButton
          label={t('status.receipt')}
          name={`zelton-receipt-${payment.id}.pdf`}
          load={() => api.receipt(payment.id)}
          testID="receipt"
        />
      ) : null}
      {withheld >= SMALLEST ? (
        <Notice tone="warn" testID="withheld">
          {t('received.withheld', { amount: money(rupees(withheld)) })}
        </Notice>
      ) : null}
      {payment.can_refund ? <RefundForm key={payment.refunds.length} payment={payment} /> : null}
    </>
  );
}

const SMALLEST = 100; // less than this can be refunded of nothing

/** What has neither gone back nor is on its way, and still cannot be refunded: its payer disputes it. */
function withheldPaise({ amount, refunds, refundable_amount }: Payment): number {
  const parts = refunds.filter(({ state }) => state !== 'FAILED').map((refund) => refund.amount);
  return [...parts, refundable_amount].reduce((left, part) => left - (paise(part) ?? 0), paise(amount) ?? 0);
}

function RefundForm({ payment }: { readonly payment: Payment }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const user = useUser();
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const [isSure, setIsSure] = useState(false);
  const [how, setHow] = useState<'all' | 'part'>('all');
  const [part, setPart] = useState('');
  const [reason, setReason] = useState('');
  const refunding = useMutation({
    mutationFn: (body: AskRefundRequest) =>
      withKey(`refund.${user.id}.${payment.id}`, body, (key) => api.refundPayment(payment.id, body, key)),
    // Also after an error: what was asked for may have been done.
    onSettled: () => queries.invalidateQueries(),
  });

  if (!isOpen) {
    return <Button kind="danger" label={t('received.refund')} onPress={() => setIsOpen(true)} testID="refund" />;
  }
  const left = paise(payment.refundable_amount) ?? 0;
  const amount = how === 'all' ? left : paise(part);
  const problem = amountProblem(amount, left);
  const isReady = amount !== null && problem === null && reason.trim() !== '';
  const shown = money(rupees(amount ?? 0));
  const edit = <T,>(change: (value: T) => void) => {
    return (value: T) => {
      setIsSure(false);
      change(value);
    };
  };

  return (
    <Card>
      <Text variant="heading">{t('received.refund')}</Text>
      <Choices
        label={t('received.howMuch')}
        chosen={how}
        onChoose={edit(setHow)}
        choices={[
          { value: 'all', label: t('received.all', { amount: money(payment.refundable_amount) }) },
          { value: 'part', label: t('received.part') },
        ]}
      />
      {how === 'part' ? (
        <Field
          label={t('pay.amount')}
          prefix="₹"
          value={part}
          onChangeText={edit((text: string) => setPart(text.replace(/[,\s₹]/g, '')))}
          inputMode="decimal"
          hint={t('pay.atMost', { amount: money(payment.refundable_amount) })}
          error={part !== '' && problem ? t(`received.${problem}`, { amount: money(payment.refundable_amount) }) : null}
          testID="refund-amount"
        />
      ) : null}
      <Field
        label={t('received.reason')}
        hint={t('received.reasonHint')}
        value={reason}
        onChangeText={edit(setReason)}
        maxLength={500}
        testID="refund-reason"
      />
      {refunding.error ? <Notice tone="bad">{sentence(refunding.error)}</Notice> : null}
      {isSure ? <Notice tone="warn">{t('received.sure', { amount: shown, name: payment.payer })}</Notice> : null}
      {isSure ? (
        <Button
          kind="danger"
          label={t('received.confirm', { amount: shown })}
          busy={refunding.isPending}
          disabled={!isReady}
          onPress={() => amount !== null && refunding.mutate({ amount: rupees(amount), reason: reason.trim() })}
          testID="confirm-refund"
        />
      ) : (
        <Button label={t('received.next')} disabled={!isReady} onPress={() => setIsSure(true)} testID="refund-next" />
      )}
      <Button kind="plain" label={t('common.cancel')} onPress={() => setIsOpen(false)} disabled={refunding.isPending} />
    </Card>
  );
}
