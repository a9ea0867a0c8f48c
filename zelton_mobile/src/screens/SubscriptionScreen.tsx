import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { PeriodEnum, PlanChange, PricingPlan, Subscription } from '@/api/schema';
import { AutopayCard } from '@/features/autopay/AutopayCard';
import { SetUpAutopay } from '@/features/autopay/SetUpAutopay';
import { Invoices } from '@/features/documents/Invoices';
import { PaymentItem } from '@/features/payments/PaymentItem';
import { usePay } from '@/features/payments/usePay';
import { plansQuery, subscriptionPaymentsQuery, subscriptionQuery } from '@/features/queries';
import { day, money, paise } from '@/format';
import { usePlanName, useSentence, useWord } from '@/i18n/sentence';
import { api } from '@/services/api';
import { Badge, Blank, Button, Card, Choices, Notice, Row, Screen, Text, type Tone } from '@/ui';
import { Loaded } from '@/ui/Loaded';

/** What an owner pays Zelton for, until when, paying on, changing and ending it. */
export function SubscriptionScreen() {
  const { t } = useTranslation();
  const subscription = useQuery(subscriptionQuery);
  const plans = useQuery(plansQuery);
  const refresh = () => void Promise.all([subscription.refetch(), plans.refetch()]);
  return (
    <Screen
      testID="subscription"
      title={t('subscription.title')}
      refreshing={subscription.isRefetching || plans.isRefetching}
      onRefresh={refresh}
    >
      <Loaded query={subscription}>
        {(stands) => (
          <>
            {stands.plan ? (
              <Running subscription={stands} plan={stands.plan} />
            ) : (
              <Notice tone="warn">{t('subscription.none')}</Notice>
            )}
            {runs(stands) || stands.autopay ? <AutopayCard subscription={stands} /> : null}
            <Loaded query={plans}>
              {(all) =>
                all.length > 0 ? (
                  <Order key={stands.current_period_end} plans={all} subscription={stands} />
                ) : (
                  <Blank icon="star" title={t('subscription.noPlans')} />
                )
              }
            </Loaded>
            {runs(stands) && !stands.cancel_at_period_end ? <Cancel subscription={stands} /> : null}
            <Payments />
            <Invoices />
          </>
        )}
      </Loaded>
    </Screen>
  );
}

/** Whether there is something to change or to end; what has expired or was cancelled is begun anew. */
const runs = ({ status }: Subscription): boolean => status === 'active' || status === 'past_due';

const TONES: Partial<Record<string, Tone>> = { active: 'good', past_due: 'warn' };

function Running({ subscription, plan }: { readonly subscription: Subscription; readonly plan: PricingPlan }) {
  const { t, i18n } = useTranslation();
  const word = useWord();
  const planName = usePlanName();
  const { status, period, paid_until: paidUntil, pending_change: change } = subscription;
  const isDue = (paise(subscription.amount_due) ?? 0) > 0;
  return (
    <Card tone="accent">
      <Text variant="heading">{planName(plan.name, period)}</Text>
      {status ? (
        <Badge
          raised
          label={word('subscription.statuses', status) ?? t('unknown.standing')}
          tone={TONES[status] ?? 'plain'}
        />
      ) : null}
      {paidUntil ? <Row label={t('subscription.paidUntil')} value={day(paidUntil, i18n.language)} /> : null}
      <Row label={t('subscription.units')} value={String(plan.max_units)} />
      {isDue ? <Row strong label={t('subscription.due')} value={money(subscription.amount_due)} /> : null}
      {change ? (
        <Row
          label={t('subscription.then', { day: day(change.starts_at, i18n.language) })}
          value={`${planName(change.plan.name, change.period)}, ${money(change.amount)}`}
        />
      ) : null}
      {subscription.cancel_at_period_end ? <Resume until={paidUntil} /> : null}
    </Card>
  );
}

function Resume({ until }: { readonly until: string | null }) {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const resuming = useSubscriptionChange(api.resumeSubscription);
  return (
    <>
      <Notice tone="warn">
        {until ? t('subscription.endsOn', { day: day(until, i18n.language) }) : t('subscription.ends')}
      </Notice>
      {resuming.error ? <Notice tone="bad">{sentence(resuming.error)}</Notice> : null}
      <Button
        label={t('subscription.resume')}
        busy={resuming.isPending}
        onPress={() => resuming.mutate()}
        testID="resume-subscription"
      />
    </>
  );
}

function Cancel({ subscription }: { readonly subscription: Subscription }) {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const [isSure, setIsSure] = useState(false);
  const cancelling = useSubscriptionChange(api.cancelSubscription);
  const until = subscription.paid_until;
  if (!isSure) {
    return (
      <Button
        kind="plain"
        label={t('subscription.cancel')}
        onPress={() => setIsSure(true)}
        testID="cancel-subscription"
      />
    );
  }
  return (
    <Card>
      <Notice tone="warn">
        {until ? t('subscription.sure', { day: day(until, i18n.language) }) : t('subscription.sureNow')}
      </Notice>
      {cancelling.error ? <Notice tone="bad">{sentence(cancelling.error)}</Notice> : null}
      <Button
        kind="danger"
        label={t('subscription.cancel')}
        busy={cancelling.isPending}
        onPress={() => cancelling.mutate()}
        testID="confirm-cancel-subscription"
      />
      <Button kind="secondary" label={t('subscription.keep')} onPress={() => setIsSure(false)} />
    </Card>
  );
}

function useSubscriptionChange(change: () => Promise<Subscription>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (stands) => queries.setQueryData(subscriptionQuery.queryKey, stands),
  });
}

interface OrderProps {
  readonly plans: readonly PricingPlan[];
  readonly subscription: Subscription;
}

/** Choose a plan: pay for it where none runs or the same goes on, else see first what changing does. */
function Order({ plans, subscription }: OrderProps) {
  const { t, i18n } = useTranslation();
  const planName = usePlanName();
  const sentence = useSentence();
  const pay = usePay();
  const [chosen, setChosen] = useState(subscription.plan?.id ?? plans[0]?.id ?? 0);
  const [period, setPeriod] = useState<PeriodEnum>(subscription.period === 'yearly' ? 'yearly' : 'monthly');
  const previewing = useMutation({ mutationFn: api.previewPlanChange });
  const plan = plans.find(({ id }) => id === chosen) ?? plans[0];
  if (!plan) return null;
  const price = period === 'monthly' ? plan.monthly_price : plan.yearly_price;
  const isSame = plan.id === subscription.plan?.id && period === subscription.period;
  const isChange = runs(subscription) && !isSame;
  const body = { pricing_plan_id: plan.id, period };
  const choose = <T,>(change: (value: T) => void) => {
    return (value: T) => {
      previewing.reset();
      pay.reset();
      change(value);
    };
  };
  const preview = previewing.data;
  const error = pay.error ?? previewing.error;
  const done = pay.data && !('merchant_order_id' in pay.data) ? pay.data : null;

  return (
    <>
      <Choices
        label={t('subscription.plan')}
        chosen={plan.id}
        onChoose={choose(setChosen)}
        choices={plans.map(({ id, name, max_units, features }) => ({
          value: id,
          label: name,
          hint: features.length > 0 ? features.join(' · ') : t('subscription.upTo', { count: max_units }),
        }))}
      />
      <Choices
        label={t('subscription.period')}
        chosen={period}
        onChoose={choose(setPeriod)}
        choices={[
          { value: 'monthly', label: t('subscription.monthly', { amount: money(plan.monthly_price) }) },
          { value: 'yearly', label: t('subscription.yearly', { amount: money(plan.yearly_price) }) },
        ]}
      />
      {error ? <Notice tone="bad">{sentence(error)}</Notice> : null}
      {done ? (
        <Notice tone="good">
          {t(done.takes_effect === 'now' ? 'subscription.changedNow' : 'subscription.changesThen', {
            plan: planName(done.plan.name, done.period),
            day: day(done.starts_at, i18n.language),
          })}
        </Notice>
      ) : null}
      {isChange && !preview ? (
        <Button
          label={t('subscription.preview')}
          busy={previewing.isPending}
          onPress={() => previewing.mutate(body)}
          testID="preview-change"
        />
      ) : null}
      {isChange && preview && !done ? (
        <Change
          change={preview}
          busy={pay.isPending}
          onConfirm={() => pay.mutate({ kind: 'change', body: { ...body, preview: false } })}
        />
      ) : null}
      {isChange ? null : (
        <Button
          label={t(runs(subscription) ? 'subscription.payOn' : 'subscription.pay', { amount: money(price) })}
          busy={pay.isPending}
          onPress={() => pay.mutate({ kind: 'subscription', body })}
          testID="pay-subscription"
        />
      )}
      <Text variant="small" color="muted" style={{ textAlign: 'center' }}>
        {t('pay.secure')}
      </Text>
      {runs(subscription) ? null : (
        <Card key={`${plan.id}.${period}`}>
          <Text variant="heading">{t('autopay.title')}</Text>
          <SetUpAutopay planId={plan.id} period={period} paysNow={price} />
        </Card>
      )}
    </>
  );
}

interface ChangeProps {
  readonly change: PlanChange;
  readonly busy: boolean;
  readonly onConfirm: () => void;
}

function Change({ change, busy, onConfirm }: ChangeProps) {
  const { t, i18n } = useTranslation();
  const planName = usePlanName();
  const isNow = change.takes_effect === 'now' || (paise(change.charged_now) ?? 0) > 0;
  const starts = day(change.starts_at, i18n.language);
  const hasCredit = (paise(change.credit) ?? 0) > 0;
  return (
    <Card>
      <Text variant="heading">{planName(change.plan.name, change.period)}</Text>
      <Row label={t('subscription.from')} value={starts} />
      <Row label={t('subscription.until')} value={day(change.ends_at, i18n.language)} />
      {isNow ? null : <Row label={t('subscription.price')} value={money(change.price)} />}
      {hasCredit ? <Row label={t('subscription.credit')} value={money(change.credit)} /> : null}
      <Row strong label={t('subscription.now')} value={money(change.charged_now)} />
      <Button
        label={
          isNow
            ? t('subscription.changeNow', { amount: money(change.charged_now) })
            : t('subscription.changeThen', { day: starts })
        }
        busy={busy}
        onPress={onConfirm}
        testID="confirm-change"
      />
    </Card>
  );
}

function Payments() {
  const { t } = useTranslation();
  const planName = usePlanName();
  const router = useRouter();
  const payments = useInfiniteQuery(subscriptionPaymentsQuery);
  return (
    <>
      <Text variant="heading">{t('subscription.payments')}</Text>
      <Loaded query={payments}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.results);
          if (all.length === 0) return <Text color="muted">{t('subscription.noPayments')}</Text>;
          return all.map((payment) => (
            <PaymentItem
              key={payment.id}
              payment={payment}
              who={planName(payment.plan, payment.period)}
              onPress={() => router.push(`/payments/${payment.merchant_order_id}`)}
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
    </>
  );
}
