import { useTranslation } from 'react-i18next';
import { Pressable, StyleSheet, View } from 'react-native';

import type { Payment, SubscriptionPayment } from '@/api/schema';
import { day, money, month } from '@/format';
import { useWord } from '@/i18n/sentence';
import { Badge, space, Text, useColors, type Tone } from '@/ui';
import { radius } from '@/ui/theme';

interface Props {
  readonly payment: Payment | SubscriptionPayment;
  /** Who paid, or for what. */
  readonly who: string;
  readonly onPress: () => void;
}

/** A payment in a list. */
export function PaymentItem({ payment, who, onPress }: Props) {
  const { t, i18n } = useTranslation();
  const colors = useColors();
  const word = useWord();
  const { label, tone } = useStatusLabel(payment);
  const when = day(payment.paid_at ?? payment.created_at, i18n.language);
  const how = 'kind' in payment ? word('autopay.kinds', payment.kind) : null;
  const months = 'months' in payment ? payment.months.map((name) => month(name, i18n.language)).join(', ') : '';
  return (
    <Pressable
      accessibilityRole="button"
      accessibilityHint={t('payments.open')}
      onPress={onPress}
      testID={`payment-${payment.id}`}
      style={({ pressed }) => [
        styles.item,
        { backgroundColor: colors.card, borderColor: colors.line, opacity: pressed ? 0.7 : 1 },
      ]}
    >
      <View style={styles.line}>
        <Text variant="heading" accessibilityRole="text">
          {money(payment.amount)}
        </Text>
        <Badge label={label} tone={tone} />
      </View>
      {how ? <Text>{how}</Text> : null}
      <Text>{who}</Text>
      <Text variant="small" color="muted">
        {[months, when].filter(Boolean).join(' · ')}
      </Text>
    </Pressable>
  );
}

const TONES: Partial<Record<string, Tone>> = { completed: 'good', pending: 'warn' };

/** A payment's status in a word. What was not completed may still come, so no word says that it has failed for ever. */
function useStatusLabel(payment: Payment | SubscriptionPayment): { label: string; tone: Tone } {
  const { t } = useTranslation();
  const word = useWord();
  if (payment.under_review) return { label: t('statuses.review'), tone: 'warn' };
  const isKnown = word('statuses', payment.status) !== null;
  // A finer status than this app knows: the state of its money says the same, less finely.
  const status = isKnown ? payment.status : payment.state.toLowerCase();
  return { label: word('statuses', status) ?? t('unknown.standing'), tone: TONES[status] ?? 'plain' };
}

const styles = StyleSheet.create({
  item: { borderRadius: radius.l, borderWidth: 1, padding: space.l, gap: space.xs },
  line: { flexDirection: 'row', flexWrap: 'wrap', justifyContent: 'space-between', alignItems: 'center', gap: space.s },
});
