import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Month } from '@/api/schema';
import { money, month, paise } from '@/format';

import { Button, Row, space, Text, useColors } from './index';

const HEIGHT = 140;

/** Money by month as bars. Who cannot see them hears the numbers, and anybody can have them as a list. */
export function BarChart({ months }: { readonly months: readonly Month[] }) {
  const { t, i18n } = useTranslation();
  const colors = useColors();
  const [asList, setAsList] = useState(false);
  const values = months.map(({ received }) => Math.max(paise(received) ?? 0, 0));
  const highest = Math.max(...values, 1);
  const lines = months.map((item) => ({
    key: item.month,
    name: month(item.month, i18n.language),
    text: money(item.received),
    back: (paise(item.refunded) ?? 0) > 0 ? t('owner.ofWhichBack', { amount: money(item.refunded) }) : undefined,
  }));
  const told = lines.map(({ name, text, back }) => [name, text, back].filter(Boolean).join(' ')).join('; ');

  return (
    <>
      {asList ? (
        lines.map(({ key, name, text, back }) => <Row key={key} label={name} value={text} hint={back} />)
      ) : (
        <View accessible accessibilityRole="image" accessibilityLabel={told} testID="chart">
          <View style={styles.bars}>
            {months.map((item, index) => (
              <View key={item.month} style={styles.column}>
                <View
                  style={{
                    height: Math.max(((values[index] ?? 0) / highest) * HEIGHT, 3),
                    backgroundColor: index === months.length - 1 ? colors.accent : colors.muted,
                    opacity: values[index] === 0 ? 0.35 : 1,
                    borderRadius: 4,
                  }}
                />
              </View>
            ))}
          </View>
          <View style={styles.bars}>
            {months.map((item) => (
              <Text key={item.month} variant="small" color="muted" style={styles.label} numberOfLines={1}>
                {month(item.month, i18n.language, 'short').slice(0, 1)}
              </Text>
            ))}
          </View>
        </View>
      )}
      <Button
        kind="plain"
        label={t(asList ? 'owner.asChart' : 'owner.asList')}
        onPress={() => setAsList(!asList)}
        testID="chart-toggle"
      />
    </>
  );
}

const styles = StyleSheet.create({
  bars: { flexDirection: 'row', gap: space.s, alignItems: 'flex-end' },
  column: { flex: 1, height: HEIGHT, justifyContent: 'flex-end' },
  label: { flex: 1, textAlign: 'center' },
});
