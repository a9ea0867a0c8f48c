import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { View } from 'react-native';

import type { Payment, SubscriptionPayment } from '@/api/schema';
import { AfterSetup } from '@/features/autopay/AfterSetup';
import { EndAutopay } from '@/features/autopay/EndAutopay';
import { PdfButton } from '@/features/documents/PdfButton';
import { openAddress } from '@/features/payments/payPage';
import { forgetOrder, keptOrder } from '@/features/payments/pocket';
import { verdictOf, type Polling, type Verdict } from '@/features/payments/polling';
import { usePolling } from '@/features/payments/usePolling';
import { PaymentFacts, RefundList } from '@/features/payments/PaymentFacts';
import { subscriptionQuery } from '@/features/queries';
import { money } from '@/format';
import { useFailureSentence } from '@/i18n/sentence';
import { api } from '@/services/api';
import { useUser } from '@/services/session';
import { Button, Card, Icon, Loading, Notice, Screen, space, Text, toneColors, useColors, type Tone } from '@/ui';
import type { IconName } from '@/ui/Icon';

interface Props {
  readonly merchantOrderId: string;
}

/** How a payment stands, followed to its final word. Tenants pay rent; owners pay for their subscription. */
export function PaymentStatusScreen({ merchantOrderId }: Props) {
  const { t } = useTranslation();
  const user = useUser();
  const router = useRouter();
  const isOwner = user.role === 'owner';
  const verify = useCallback(
    () => (isOwner ? api.verifySubscriptionPayment(merchantOrderId) : api.verifyRentPayment(merchantOrderId)),
    [isOwner, merchantOrderId],
  );
  const { polling, nudge } = usePolling(verify);
  const verdict = verdictOf(polling);
  const redirectUrl = useKeptAddress(merchantOrderId, verdict);
  const [hasOpened, setHasOpened] = useState(true);
  const payment = polling.answer?.payment;
  const setup = setupIn(payment);

  const home = (
    <Button
      kind={verdict === 'paid' ? 'primary' : 'plain'}
      label={t(verdict === 'paid' ? 'status.done' : 'status.home')}
      onPress={() => router.dismissTo('/')}
      testID="done"
    />
  );

  return (
    <Screen testID={`payment-${verdict}`}>
      {verdict === 'looking' ? (
        <>
          <Loading label={t('status.looking')} />
          <Trouble polling={polling} />
          {home}
        </>
      ) : (
        <>
          <Head verdict={verdict} payment={payment} />
          <Trouble polling={polling} />
          {verdict === 'pending' && redirectUrl ? (
            <>
              {hasOpened ? null : <Notice tone="warn">{t('status.noApp')}</Notice>}
              <Button
                label={t(setup ? 'autopay.setup.open' : 'status.continue')}
                onPress={() => void openAddress(redirectUrl).then(setHasOpened)}
                testID="continue-paying"
              />
            </>
          ) : null}
          {verdict === 'failed' && (payment?.can_pay_again || setup) ? (
            <Button
              label={t(setup ? 'autopay.setup.again' : 'status.again')}
              onPress={() => (isOwner ? router.dismissTo('/subscription') : router.replace('/pay'))}
              testID="pay-again"
            />
          ) : null}
          {verdict === 'paid' && setup ? <AfterSetup payment={setup} /> : null}
          {payment ? (
            <Card>
              <PaymentFacts payment={payment} merchantOrderId={merchantOrderId} />
            </Card>
          ) : null}
          {payment && payment.refunds.length > 0 ? <RefundList payment={payment} /> : null}
          {verdict === 'paid' && payment ? (
            <PdfButton
              label={t('status.receipt')}
              name={`zelton-receipt-${payment.id}.pdf`}
              load={() => (isOwner ? api.subscriptionReceipt(payment.id) : api.receipt(payment.id))}
              testID="receipt"
            />
          ) : null}
          {['pending', 'uncertain', 'review'].includes(verdict) ? (
            <Button
              kind="secondary"
              label={t('status.askNow')}
              busy={polling.stage === 'asking'}
              onPress={nudge}
              testID="ask-now"
            />
          ) : null}
          {verdict === 'pending' && setup ? <EndRequest onEnded={nudge} /> : null}
          {home}
        </>
      )}
    </Screen>
  );
}

/** The payment, if it sets AutoPay up: then not money is what was wanted. */
function setupIn(payment: Payment | SubscriptionPayment | undefined): SubscriptionPayment | null {
  return payment && 'kind' in payment && payment.kind === 'autopay_setup' ? payment : null;
}

/** End a setup that waits. Where AutoPay runs already, ending would end that too: its own screen says so. */
function EndRequest({ onEnded }: { readonly onEnded: () => void }) {
  const { data } = useQuery(subscriptionQuery);
  const waits = data?.autopay?.state === 'ACTIVATION_IN_PROGRESS';
  return waits ? <EndAutopay what="autopay.setup" onEnded={onEnded} /> : null;
}

const LOOKS: Record<Exclude<Verdict, 'looking'>, { icon: IconName; tone: Tone }> = {
  pending: { icon: 'clock', tone: 'warn' },
  uncertain: { icon: 'clock', tone: 'warn' },
  review: { icon: 'clock', tone: 'warn' },
  paid: { icon: 'check', tone: 'good' },
  failed: { icon: 'cross', tone: 'bad' },
  unknown: { icon: 'cross', tone: 'plain' },
};

interface HeadProps {
  readonly verdict: Exclude<Verdict, 'looking'>;
  readonly payment: Payment | SubscriptionPayment | undefined;
}

function Head({ verdict, payment }: HeadProps) {
  const { t } = useTranslation();
  const failureSentence = useFailureSentence();
  const { icon, tone } = LOOKS[verdict];
  const { ink, soft } = toneColors(tone, useColors());
  const setup = setupIn(payment);
  // The two rupees of a check go back, and AutoPay stays.
  const isRefunded = payment?.status === 'refunded' && !setup;
  const why = verdict === 'failed' && payment?.failure ? failureSentence(payment.failure) : null;
  const words = setup && verdict !== 'review' && verdict !== 'unknown' ? (`autopay.setup.${verdict}` as const) : null;
  const text = isRefunded
    ? t('status.refundedText')
    : setup?.status === 'cancelled' && verdict === 'failed'
      ? t('autopay.setup.ended')
      : (why ?? t(words ? `${words}Text` : `status.${verdict}Text`));
  return (
    <View style={{ alignItems: 'center', gap: space.m, paddingVertical: space.xl }} accessibilityLiveRegion="polite">
      <View
        style={{
          width: 88,
          height: 88,
          borderRadius: 44,
          backgroundColor: soft,
          alignItems: 'center',
          justifyContent: 'center',
        }}
      >
        <Icon name={icon} color={ink} size={44} />
      </View>
      <Text variant="title" style={{ textAlign: 'center' }} testID="verdict">
        {t(isRefunded ? 'status.refundedTitle' : words ? `${words}Title` : `status.${verdict}Title`)}
      </Text>
      {payment && !setup ? <Text variant="amount">{money(payment.amount)}</Text> : null}
      <Text color="muted" style={{ textAlign: 'center' }}>
        {text}
      </Text>
      {verdict === 'failed' && !payment?.can_pay_again && !setup ? (
        <Text color="muted" style={{ textAlign: 'center' }}>
          {t('status.notAgain')}
        </Text>
      ) : null}
    </View>
  );
}

/** Why no answer comes, calmly: the payment itself has nothing to do with it. */
function Trouble({ polling }: { readonly polling: Polling }) {
  const { t } = useTranslation();
  if (polling.stage === 'paused') return <Notice tone="warn">{t('status.offline')}</Notice>;
  return polling.failures > 0 ? <Notice tone="warn">{t('status.noAnswer')}</Notice> : null;
}

/** The address to pay at, while it is worth anything; what has its final word is forgotten. */
function useKeptAddress(merchantOrderId: string, verdict: Verdict): string | null {
  const { id } = useUser();
  const queries = useQueryClient();
  const [redirectUrl, setRedirectUrl] = useState<string | null>(null);
  const isOver = ['paid', 'failed', 'unknown'].includes(verdict);
  useEffect(() => {
    if (isOver) {
      void forgetOrder(id, merchantOrderId);
      void queries.invalidateQueries();
      return;
    }
    void keptOrder(id).then((order) => {
      setRedirectUrl(order?.merchantOrderId === merchantOrderId ? order.redirectUrl : null);
    });
  }, [id, merchantOrderId, isOver, queries]);
  return isOver ? null : redirectUrl;
}
