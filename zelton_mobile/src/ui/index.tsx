import { useId, useState, type ReactNode } from 'react';
import {
  ActivityIndicator,
  KeyboardAvoidingView,
  Platform,
  Pressable,
  RefreshControl,
  ScrollView,
  StyleSheet,
  TextInput,
  View,
  type TextInputProps,
} from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';

import { Icon, type IconName } from './Icon';
import { radioFocus, radioKeys, spaceKey } from './keys';
import { Text } from './Text';
import { radius, space, TAP, type, useColors, useTextScale, WIDTH, type Colors } from './theme';

export { Icon, Text, space, useColors };

/** Narrower than this, a short label beside another is broken within a word. */
const CHIP = 140;
/** In text so large, a value stands below its label rather than beside it. */
const LARGE = 1.5;

interface ScreenProps {
  readonly title?: string;
  readonly children: ReactNode;
  readonly refreshing?: boolean;
  readonly onRefresh?: () => void;
  readonly testID?: string;
}

/** One column that scrolls, with the screen's title on top. */
export function Screen({ title, children, refreshing = false, onRefresh, testID }: ScreenProps) {
  const colors = useColors();
  const insets = useSafeAreaInsets();
  return (
    <KeyboardAvoidingView style={styles.fill} behavior={Platform.OS === 'ios' ? 'padding' : undefined}>
      <ScrollView
        testID={testID}
        style={{ backgroundColor: colors.paper }}
        contentContainerStyle={[styles.screen, { paddingBottom: insets.bottom + space.xxl }]}
        keyboardShouldPersistTaps="handled"
        refreshControl={onRefresh ? <RefreshControl refreshing={refreshing} onRefresh={onRefresh} /> : undefined}
      >
        <View role="main" style={styles.column}>
          {title ? <Text variant="title">{title}</Text> : null}
          {children}
        </View>
      </ScrollView>
    </KeyboardAvoidingView>
  );
}

export function Card({ children, tone }: { readonly children: ReactNode; readonly tone?: 'accent' }) {
  const colors = useColors();
  const background = tone === 'accent' ? colors.accentSoft : colors.card;
  return <View style={[styles.card, { backgroundColor: background, borderColor: colors.line }]}>{children}</View>;
}

interface RowProps {
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly strong?: boolean;
  readonly selectable?: boolean;
}

/** A label and its value, side by side while there is room. */
export function Row({ label, value, hint, strong = false, selectable = false }: RowProps) {
  return (
    <View style={styles.row} accessible accessibilityLabel={[label, value, hint].filter(Boolean).join(', ')}>
      <View style={hint ? styles.rowLabelWithHint : styles.rowLabel}>
        <Text color={strong ? 'ink' : 'muted'} variant={strong ? 'strong' : 'body'}>
          {label}
        </Text>
        {hint ? (
          <Text variant="small" color="muted">
            {hint}
          </Text>
        ) : null}
      </View>
      <Text variant="strong" selectable={selectable} style={styles.rowValue}>
        {value}
      </Text>
    </View>
  );
}

interface LinkRowProps {
  readonly label: string;
  readonly hint?: string;
  readonly value?: string;
  readonly heading?: boolean;
  readonly onPress: () => void;
  readonly testID?: string;
}

/** A line that leads somewhere. */
export function LinkRow({ label, hint, value, heading = false, onPress, testID }: LinkRowProps) {
  const colors = useColors();
  const isLarge = useTextScale() >= LARGE;
  const shown = value ? (
    <Text variant={heading ? 'body' : 'strong'} color={heading ? 'accent' : 'ink'} style={styles.rowValue}>
      {value}
    </Text>
  ) : null;
  return (
    <Pressable
      accessibilityRole="button"
      onPress={onPress}
      testID={testID}
      style={({ pressed }) => [styles.link, { opacity: pressed ? 0.7 : 1 }]}
    >
      <View style={styles.linkText}>
        <Text variant={heading ? 'heading' : 'strong'} accessibilityRole="text">
          {label}
        </Text>
        {hint ? (
          <Text variant="small" color="muted">
            {hint}
          </Text>
        ) : null}
        {isLarge ? shown : null}
      </View>
      {isLarge ? null : shown}
      <Icon name="next" color={colors.muted} size={20} />
    </Pressable>
  );
}

export function Divider() {
  return <View style={[styles.divider, { backgroundColor: useColors().line }]} />;
}

interface ButtonProps {
  readonly label: string;
  readonly onPress: () => void;
  readonly kind?: 'primary' | 'secondary' | 'plain' | 'danger';
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly testID?: string;
  readonly icon?: IconName;
}

export function Button({
  label,
  onPress,
  kind = 'primary',
  busy = false,
  disabled = false,
  testID,
  icon,
}: ButtonProps) {
  const colors = useColors();
  const off = busy || disabled;
  const ink = { primary: colors.onAccent, secondary: colors.accent, plain: colors.accent, danger: colors.bad }[kind];
  const surface = {
    primary: colors.accent,
    secondary: colors.accentSoft,
    plain: 'transparent',
    danger: colors.badSoft,
  };
  return (
    <Pressable
      testID={testID}
      accessibilityRole="button"
      accessibilityLabel={label}
      accessibilityState={{ disabled: off, busy }}
      disabled={off}
      onPress={onPress}
      style={({ pressed }) => [
        styles.button,
        { backgroundColor: surface[kind], opacity: disabled ? 0.5 : pressed || busy ? 0.75 : 1 },
      ]}
    >
      {busy ? <ActivityIndicator color={ink} /> : icon ? <Icon name={icon} color={ink} /> : null}
      <Text variant="strong" style={{ color: ink, textAlign: 'center', flexShrink: 1 }}>
        {label}
      </Text>
    </Pressable>
  );
}

interface FieldProps extends Omit<TextInputProps, 'style' | 'onChangeText' | 'value'> {
  readonly label: string;
  readonly value: string;
  readonly onChangeText: (text: string) => void;
  readonly error?: string | null;
  readonly hint?: string;
  readonly prefix?: string;
}

export function Field({ label, error, hint, prefix, ...input }: FieldProps) {
  const colors = useColors();
  const [focused, setFocused] = useState(false);
  const border = error ? colors.bad : focused ? colors.accent : colors.edge;
  const note = useId();
  return (
    <View style={styles.field}>
      <Text variant="strong">{label}</Text>
      <View
        style={[
          styles.inputBox,
          { borderColor: border, backgroundColor: colors.card },
          focused && [styles.focused, { outlineColor: border }],
        ]}
      >
        {prefix ? <Text variant="strong">{prefix}</Text> : null}
        <TextInput
          {...input}
          accessibilityLabel={label}
          accessibilityHint={error ?? hint}
          aria-describedby={error || hint ? note : undefined}
          aria-invalid={Boolean(error)}
          placeholderTextColor={colors.muted}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          style={[styles.input, type.body, { color: colors.ink }]}
        />
      </View>
      {error ? (
        <Text variant="small" color="bad" accessibilityRole="alert" id={note}>
          {error}
        </Text>
      ) : hint ? (
        <Text variant="small" color="muted" id={note}>
          {hint}
        </Text>
      ) : null}
    </View>
  );
}

export interface Choice<T extends string | number> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string;
  readonly icon?: IconName;
}

interface ChoicesProps<T extends string | number> {
  readonly label: string;
  readonly choices: readonly Choice<T>[];
  readonly chosen: T | null;
  readonly onChoose: (value: T) => void;
  /** Short labels, side by side. */
  readonly compact?: boolean;
}

export function Choices<T extends string | number>({
  label,
  choices,
  chosen,
  onChoose,
  compact = false,
}: ChoicesProps<T>) {
  const colors = useColors();
  const scale = useTextScale();
  const entrance = choices.some(({ value }) => value === chosen) ? chosen : choices[0]?.value;
  const choose = (index: number) => {
    const choice = choices[index];
    if (choice) onChoose(choice.value);
  };
  return (
    <View
      style={styles.field}
      accessibilityRole="radiogroup"
      accessibilityLabel={label}
      {...radioKeys(choices.length, choose)}
    >
      <Text variant="strong">{label}</Text>
      <View style={compact ? styles.chips : styles.field}>
        {choices.map((choice) => {
          const isChosen = choice.value === chosen;
          return (
            <Pressable
              key={choice.value}
              accessibilityRole="radio"
              {...radioFocus(choice.value === entrance)}
              accessibilityState={{ checked: isChosen }}
              aria-checked={isChosen}
              onPress={() => onChoose(choice.value)}
              style={[
                styles.choice,
                compact && [styles.chip, { flexBasis: CHIP * scale }],
                {
                  borderColor: isChosen ? colors.accent : colors.line,
                  backgroundColor: isChosen ? colors.accentSoft : colors.card,
                },
              ]}
            >
              <View style={[styles.radio, { borderColor: isChosen ? colors.accent : colors.muted }]}>
                {isChosen ? <View style={[styles.dot, { backgroundColor: colors.accent }]} /> : null}
              </View>
              <View style={styles.fill}>
                <Text variant={compact ? 'body' : 'strong'}>{choice.label}</Text>
                {choice.hint ? (
                  <Text variant="small" color="muted">
                    {choice.hint}
                  </Text>
                ) : null}
              </View>
              {choice.icon ? <Icon name={choice.icon} color={isChosen ? colors.accent : colors.muted} /> : null}
            </Pressable>
          );
        })}
      </View>
    </View>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly testID?: string;
}

/** A line with a switch; all of it can be tapped. */
export function Switch({ label, isOn, onChange, testID }: SwitchProps) {
  const colors = useColors();
  const change = () => onChange(!isOn);
  return (
    <View {...spaceKey(change)}>
      <Pressable
        accessibilityRole="switch"
        accessibilityState={{ checked: isOn }}
        aria-checked={isOn}
        onPress={change}
        testID={testID}
        style={({ pressed }) => [styles.link, { opacity: pressed ? 0.7 : 1 }]}
      >
        <Text style={styles.linkText}>{label}</Text>
        <View
          style={[
            styles.track,
            { borderColor: isOn ? colors.accent : colors.edge, backgroundColor: isOn ? colors.accent : colors.card },
            isOn && styles.trackOn,
          ]}
        >
          <View style={[styles.thumb, { backgroundColor: isOn ? colors.onAccent : colors.edge }]} />
        </View>
      </Pressable>
    </View>
  );
}

interface BadgeProps {
  readonly label: string;
  readonly tone: Tone;
  readonly raised?: boolean;
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

export function toneColors(tone: Tone, colors: Colors): { ink: string; soft: string } {
  return {
    good: { ink: colors.good, soft: colors.goodSoft },
    warn: { ink: colors.warn, soft: colors.warnSoft },
    bad: { ink: colors.bad, soft: colors.badSoft },
    plain: { ink: colors.muted, soft: colors.line },
  }[tone];
}

/** A word about how something stands; `raised` where the ground has the tone's own colour. */
export function Badge({ label, tone, raised = false }: BadgeProps) {
  const colors = useColors();
  const { ink, soft } = toneColors(tone, colors);
  return (
    <View style={[styles.badge, { backgroundColor: raised ? colors.card : soft }]}>
      <Text variant="small" style={{ color: ink, fontWeight: '600' }}>
        {label}
      </Text>
    </View>
  );
}

interface NoticeProps {
  readonly tone: Tone;
  readonly children: string;
  readonly testID?: string;
}

/** A sentence that has to be read; a screen reader says it when it comes. */
export function Notice({ tone, children, testID }: NoticeProps) {
  const { ink, soft } = toneColors(tone, useColors());
  return (
    <View
      testID={testID}
      accessibilityRole={tone === 'bad' ? 'alert' : undefined}
      accessibilityLiveRegion="polite"
      style={[styles.notice, { backgroundColor: soft }]}
    >
      <Text style={{ color: ink }}>{children}</Text>
    </View>
  );
}

interface BlankProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: string;
  readonly action?: ReactNode;
  readonly testID?: string;
}

/** What stands in the place of content: nothing there, or no way to get it. */
export function Blank({ icon, title, children, action, testID }: BlankProps) {
  const colors = useColors();
  return (
    <View testID={testID} style={styles.blank} accessibilityLiveRegion="polite">
      <View style={[styles.blankIcon, { backgroundColor: colors.accentSoft }]}>
        <Icon name={icon} color={colors.accent} size={32} />
      </View>
      <Text variant="heading" style={styles.center}>
        {title}
      </Text>
      {children ? (
        <Text color="muted" style={styles.center}>
          {children}
        </Text>
      ) : null}
      {action}
    </View>
  );
}

export function Loading({ label }: { readonly label: string }) {
  const colors = useColors();
  return (
    <View style={styles.blank} accessible accessibilityRole="progressbar" accessibilityLabel={label} testID="loading">
      <ActivityIndicator size="large" color={colors.accent} />
      <Text color="muted">{label}</Text>
    </View>
  );
}

const styles = StyleSheet.create({
  fill: { flex: 1 },
  center: { textAlign: 'center' },
  screen: { flexGrow: 1, alignItems: 'center', padding: space.l },
  column: { width: '100%', maxWidth: WIDTH, gap: space.l },
  card: { borderRadius: radius.l, borderWidth: 1, padding: space.l, gap: space.m },
  row: {
    flexDirection: 'row',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    columnGap: space.m,
    rowGap: space.xs,
  },
  rowLabel: { flexShrink: 1 },
  rowLabelWithHint: { flexGrow: 1, flexShrink: 1, flexBasis: '45%' },
  rowValue: { fontVariant: ['tabular-nums'], flexShrink: 1, minWidth: 0, maxWidth: '100%' },
  link: { flexDirection: 'row', alignItems: 'center', flexWrap: 'nowrap', gap: space.s, minHeight: TAP },
  linkText: { flex: 1, minWidth: 0 },
  divider: { height: 1 },
  button: {
    minHeight: TAP + 4,
    borderRadius: radius.m,
    paddingHorizontal: space.l,
    paddingVertical: space.m,
    flexDirection: 'row',
    gap: space.s,
    alignItems: 'center',
    justifyContent: 'center',
  },
  field: { gap: space.s },
  inputBox: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.s,
    minHeight: TAP + 4,
    borderWidth: 1.5,
    borderRadius: radius.m,
    paddingHorizontal: space.l,
  },
  focused: { outlineStyle: 'solid', outlineWidth: 1.5 },
  input: { flex: 1, minWidth: 0, paddingVertical: space.m, outlineStyle: 'solid', outlineWidth: 0 },
  choice: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
    minHeight: TAP + 8,
    borderWidth: 1.5,
    borderRadius: radius.m,
    padding: space.m,
  },
  chips: { flexDirection: 'row', flexWrap: 'wrap', gap: space.s },
  chip: { flexGrow: 1, maxWidth: '100%', minHeight: TAP },
  radio: { width: 22, height: 22, borderRadius: 11, borderWidth: 2, alignItems: 'center', justifyContent: 'center' },
  dot: { width: 10, height: 10, borderRadius: 5 },
  track: { width: 48, height: 28, borderRadius: 14, borderWidth: 2, paddingHorizontal: 3, justifyContent: 'center' },
  trackOn: { alignItems: 'flex-end' },
  thumb: { width: 18, height: 18, borderRadius: 9 },
  badge: { alignSelf: 'flex-start', borderRadius: radius.pill, paddingHorizontal: space.m, paddingVertical: 2 },
  notice: { borderRadius: radius.m, padding: space.l },
  blank: { alignItems: 'center', justifyContent: 'center', gap: space.m, paddingVertical: space.xxl * 1.5 },
  blankIcon: { width: 72, height: 72, borderRadius: 36, alignItems: 'center', justifyContent: 'center' },
});
