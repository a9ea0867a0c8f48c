import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { View } from 'react-native';

import type { Statement } from '@/api/schema';
import { PdfButton } from '@/features/documents/PdfButton';
import { periodOf, PERIODS, type Period } from '@/features/periods';
import { tenanciesQuery } from '@/features/queries';
import { day, money } from '@/format';
import { api } from '@/services/api';
import { useMovement } from '@/i18n/sentence';
import { useUser } from '@/services/session';
import { Blank, Card, Choices, Divider, Row, Screen, space, Text } from '@/ui';
import { Loaded } from '@/ui/Loaded';

/** The statement of account of a period, to read and as a PDF. */
export function StatementScreen() {
  const { t } = useTranslation();
  const isOwner = useUser().role === 'owner';
  const [period, setPeriod] = useState<Period>('thisYear');
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const tenancies = useQuery({ ...tenanciesQuery, enabled: !isOwner });
  const homes = tenancies.data ?? [];
  const tenancy = isOwner ? undefined : (chosen ?? homes[0]?.id);
  const asked = { ...periodOf(period), ...(tenancy === undefined ? {} : { tenancy }) };
  const statement = useQuery({
    queryKey: ['statement', asked],
    queryFn: () => api.statement(asked),
    enabled: isOwner || tenancies.isSuccess,
  });

  return (
    <Screen testID="statement" refreshing={statement.isRefetching} onRefresh={() => void statement.refetch()}>
      {homes.length > 1 ? (
        <Choices
          label={t('pay.home')}
          chosen={tenancy ?? null}
          onChoose={setChosen}
          choices={homes.map(({ id, property, unit }) => ({ value: id, label: `${property}, ${unit}` }))}
        />
      ) : null}
      <Choices
        compact
        label={t('statement.period')}
        chosen={period}
        onChoose={setPeriod}
        choices={PERIODS.map((value) => ({ value, label: t(`statement.${value}`) }))}
      />
      {isOwner || tenancies.isSuccess ? (
        <Loaded query={statement}>
          {(data) => (
            <>
              <Movements statement={data} />
              <PdfButton
                label={t('statement.pdf')}
                name={`zelton-statement-${asked.from}-${asked.to}.pdf`}
                load={() => api.statementPdf(asked)}
                testID="statement-pdf"
              />
            </>
          )}
        </Loaded>
      ) : (
        <Loaded query={tenancies}>{() => null}</Loaded>
      )}
    </Screen>
  );
}

function Movements({ statement }: { readonly statement: Statement }) {
  const { t, i18n } = useTranslation();
  const named = useMovement();
  return (
    <Card>
      <Text variant="heading">
        {[statement.from, statement.to].map((each) => day(each, i18n.language)).join(' – ')}
      </Text>
      <Row label={t('statement.opening')} value={money(statement.opening_balance)} />
      {statement.movements.length === 0 ? <Blank icon="list" title={t('statement.none')} /> : null}
      {statement.movements.map((movement, index) => (
        <View key={`${movement.reference}-${movement.kind}-${index}`} style={{ gap: space.m }}>
          <Divider />
          <Row label={named(movement)} hint={day(movement.date, i18n.language)} value={money(movement.amount)} />
        </View>
      ))}
      <Divider />
      <Row strong label={t('statement.closing')} value={money(statement.closing_balance)} />
      <Text variant="small" color="muted">
        {t(statement.subject === 'owner' ? 'statement.signsOwner' : 'statement.signs')}
      </Text>
    </Card>
  );
}
