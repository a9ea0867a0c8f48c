import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useTranslation } from 'react-i18next';

import type { TenantDashboard } from '@/api/schema';
import { dashboardQuery, tenanciesQuery } from '@/features/queries';
import { day, money, month, paise, todayInIndia } from '@/format';
import { useUser } from '@/services/session';
import { Badge, Blank, Button, Card, Divider, Row, Screen, Text } from '@/ui';
import { Loaded } from '@/ui/Loaded';

export function TenantHomeScreen() {
  const { t } = useTranslation();
  const user = useUser();
  const dashboard = useQuery(dashboardQuery);
  return (
    <Screen
      testID="tenant-home"
      title={user.name ? t('home.hello', { name: user.name }) : t('home.title')}
      refreshing={dashboard.isRefetching}
      onRefresh={() => void dashboard.refetch()}
    >
      <Loaded query={dashboard}>
        {(data) => ('due' in data ? <Content data={data} /> : <Blank icon="home" title={t('home.notTenant')} />)}
      </Loaded>
    </Screen>
  );
}

function Content({ data }: { readonly data: TenantDashboard }) {
  const { t, i18n } = useTranslation();
  const router = useRouter();
  const tenancies = useQuery(tenanciesQuery);
  const user = useUser();
  const first = data.due[0];
  const isLate = first !== undefined && first.due_on < todayInIndia();
  const isDue = (paise(data.outstanding) ?? 0) > 0;
  const open = data.open_payment;

  if (tenancies.data?.length === 0) {
    const known = [user.phone, user.email].filter(Boolean).join(', ');
    return (
      <Blank icon="home" title={t('home.noHome')} testID="no-home">
        {known ? t('home.noHomeKnown', { known }) : t('home.noHomeHint')}
      </Blank>
    );
  }
  return (
    <>
      <Card tone="accent">
        <Text color="muted">{t('home.due')}</Text>
        <Text variant="amount" testID="outstanding">
          {money(data.outstanding)}
        </Text>
        {first ? (
          <>
            <Badge tone={isLate ? 'warn' : 'plain'} label={t(isLate ? 'home.late' : 'home.open')} />
            <Text>{t(isLate ? 'home.dueSince' : 'home.dueBy', { day: day(first.due_on, i18n.language) })}</Text>
          </>
        ) : (
          <Text>{t('home.nothingDue')}</Text>
        )}
        {isDue && !open ? <Button label={t('home.pay')} onPress={() => router.push('/pay')} testID="pay-rent" /> : null}
      </Card>

      {open ? (
        <Card>
          <Text variant="heading">{t('home.underWay')}</Text>
          <Row label={money(open.amount)} value={t(open.under_review ? 'status.review' : 'status.pending')} />
          <Button
            kind="secondary"
            icon="clock"
            label={t('home.seeStatus')}
            onPress={() => router.push(`/payments/${open.merchant_order_id}`)}
            testID="open-payment"
          />
        </Card>
      ) : null}

      {data.due.length > 0 ? (
        <Card>
          <Text variant="heading">{t('home.months')}</Text>
          {data.due.map((charge, index) => (
            <MonthDue key={charge.id} charge={charge} divided={index > 0} />
          ))}
        </Card>
      ) : null}

      <Card>
        <Text variant="heading">{t('home.paid')}</Text>
        <Row label={t('home.thisMonth')} value={money(data.paid.this_month)} />
        <Row label={t('home.lastMonth')} value={money(data.paid.last_month)} />
      </Card>
    </>
  );
}

function MonthDue({ charge, divided }: { readonly charge: TenantDashboard['due'][number]; readonly divided: boolean }) {
  const { t, i18n } = useTranslation();
  const isPart = charge.outstanding !== charge.amount;
  return (
    <>
      {divided ? <Divider /> : null}
      <Row
        label={month(charge.month, i18n.language)}
        hint={[
          `${charge.property}, ${charge.unit}`,
          t('home.dueOn', { day: day(charge.due_on, i18n.language) }),
          isPart ? t('home.ofAll', { amount: money(charge.amount) }) : '',
        ]
          .filter(Boolean)
          .join(' · ')}
        value={money(charge.outstanding)}
      />
    </>
  );
}
