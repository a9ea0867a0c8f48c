import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useTranslation } from 'react-i18next';

import type { OwnerDashboard } from '@/api/schema';
import { dashboardQuery } from '@/features/queries';
import { money, paise } from '@/format';
import { useUser } from '@/services/session';
import { Badge, Blank, Button, Card, Divider, Row, Screen, Text } from '@/ui';
import { BarChart } from '@/ui/BarChart';
import { Loaded } from '@/ui/Loaded';

export function OwnerHomeScreen() {
  const { t } = useTranslation();
  const user = useUser();
  const dashboard = useQuery(dashboardQuery);
  return (
    <Screen
      testID="owner-home"
      title={user.name ? t('home.hello', { name: user.name }) : t('owner.title')}
      refreshing={dashboard.isRefetching}
      onRefresh={() => void dashboard.refetch()}
    >
      <Loaded query={dashboard}>
        {(data) => ('units' in data ? <Content data={data} /> : <Blank icon="home" title={t('owner.notOwner')} />)}
      </Loaded>
    </Screen>
  );
}

function Content({ data }: { readonly data: OwnerDashboard }) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <>
      <Card tone="accent">
        <Text color="muted">{t('owner.received')}</Text>
        <Text variant="amount" testID="received">
          {money(data.received.this_month)}
        </Text>
        <Row label={t('home.lastMonth')} value={money(data.received.last_month)} />
      </Card>
      <Card>
        <Row strong label={t('owner.outstanding')} value={money(data.outstanding)} />
        <Row strong label={t('owner.held')} hint={t('owner.heldHint')} value={money(data.held_for_payout)} />
        <Row
          strong
          label={t('owner.refunds')}
          hint={t('owner.refundsHint', { amount: money(data.refunds.last_month) })}
          value={money(data.refunds.this_month)}
        />
      </Card>
      <Card>
        <Text variant="heading">{t('owner.year')}</Text>
        <BarChart months={data.months} />
      </Card>
      <Card>
        <Text variant="heading">{t('owner.units')}</Text>
        {data.units.length === 0 ? (
          <Blank
            icon="building"
            title={t('owner.noUnits')}
            action={
              <Button
                label={t('owner.toProperties')}
                onPress={() => router.push('/properties')}
                testID="to-properties"
              />
            }
          >
            {t('owner.noUnitsHint')}
          </Blank>
        ) : null}
        {data.units.map((unit, index) => (
          <UnitLine key={unit.tenancy} unit={unit} divided={index > 0} />
        ))}
      </Card>
    </>
  );
}

function UnitLine({ unit, divided }: { readonly unit: OwnerDashboard['units'][number]; readonly divided: boolean }) {
  const { t } = useTranslation();
  const owed = paise(unit.outstanding) ?? 0;
  const standing = owed > 0 ? 'owes' : owed < 0 ? 'ahead' : 'settled';
  return (
    <>
      {divided ? <Divider /> : null}
      <Row label={`${unit.property}, ${unit.unit}`} hint={unit.tenant} value={money(unit.outstanding)} />
      <Badge label={t(`owner.${standing}`)} tone={owed > 0 ? 'warn' : 'good'} />
    </>
  );
}
