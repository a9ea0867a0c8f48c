import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useTranslation } from 'react-i18next';

import type { Property, Tenancy, Unit } from '@/api/schema';
import { standingOf } from '@/features/lettings/standing';
import { UnitLimit, useHasRoom } from '@/features/lettings/UnitLimit';
import { propertiesQuery, subscriptionQuery, tenanciesQuery, unitsQuery } from '@/features/queries';
import { day, money, todayInIndia } from '@/format';
import { Blank, Button, Card, Divider, LinkRow, Screen, Text } from '@/ui';
import { Loaded } from '@/ui/Loaded';

/** What an owner lets: properties, their units, and who lives there. */
export function PropertiesScreen() {
  const { t } = useTranslation();
  const router = useRouter();
  const properties = useQuery(propertiesQuery);
  const units = useQuery(unitsQuery);
  const tenancies = useQuery(tenanciesQuery);
  const subscription = useQuery(subscriptionQuery);
  const all = [properties, units, tenancies, subscription];
  const add = (
    <Button
      icon="plus"
      label={t('lettings.addProperty')}
      onPress={() => router.push('/property/new')}
      testID="add-property"
    />
  );
  return (
    <Screen
      testID="properties"
      title={t('lettings.title')}
      refreshing={all.some(({ isRefetching }) => isRefetching)}
      onRefresh={() => void Promise.all(all.map((query) => query.refetch()))}
    >
      <Loaded query={properties}>
        {(houses) =>
          houses.length === 0 ? (
            <Blank icon="building" title={t('lettings.none')} action={add} testID="no-properties">
              {t('lettings.noneHint')}
            </Blank>
          ) : (
            <Loaded query={units}>
              {(homes) => (
                <Loaded query={tenancies}>
                  {(lets) => (
                    <>
                      <UnitLimit />
                      {houses.map((house) => (
                        <PropertyCard
                          key={house.id}
                          house={house}
                          units={homes.filter(({ property }) => property === house.id)}
                          tenancies={lets}
                        />
                      ))}
                      {add}
                    </>
                  )}
                </Loaded>
              )}
            </Loaded>
          )
        }
      </Loaded>
    </Screen>
  );
}

interface PropertyCardProps {
  readonly house: Property;
  readonly units: readonly Unit[];
  readonly tenancies: readonly Tenancy[];
}

function PropertyCard({ house, units, tenancies }: PropertyCardProps) {
  const { t } = useTranslation();
  const router = useRouter();
  const hasRoom = useHasRoom();
  return (
    <Card>
      <LinkRow
        heading
        label={house.name}
        hint={house.address || undefined}
        value={t('lettings.edit')}
        onPress={() => router.push(`/property/${house.id}`)}
        testID={`property-${house.id}`}
      />
      {units.length === 0 ? <Text color="muted">{t('lettings.noUnits')}</Text> : null}
      {units.map((unit) => (
        <UnitLine key={unit.id} unit={unit} tenancies={tenancies} />
      ))}
      {hasRoom ? (
        <Button
          kind="secondary"
          icon="plus"
          label={t('lettings.addUnit')}
          onPress={() => router.push(`/unit/new?property=${house.id}`)}
          testID={`add-unit-${house.id}`}
        />
      ) : null}
    </Card>
  );
}

function UnitLine({ unit, tenancies }: { readonly unit: Unit; readonly tenancies: readonly Tenancy[] }) {
  const { t, i18n } = useTranslation();
  const router = useRouter();
  const { current, coming } = standingOf(unit.id, tenancies, todayInIndia());
  const next = coming[0];
  const who = current
    ? current.ends_on
      ? t('lettings.until', { name: current.tenant, day: day(current.ends_on, i18n.language) })
      : current.tenant
    : next
      ? t('lettings.from', { name: next.tenant, day: day(next.starts_on, i18n.language) })
      : t('lettings.vacant');
  return (
    <>
      <Divider />
      <LinkRow
        label={unit.name}
        hint={who}
        value={current ? money(current.monthly_rent) : undefined}
        onPress={() => router.push(`/unit/${unit.id}`)}
        testID={`unit-${unit.id}`}
      />
    </>
  );
}
