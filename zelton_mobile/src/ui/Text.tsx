import { Text as NativeText, useWindowDimensions, type TextProps } from 'react-native';

import { AMOUNT, textSize, type, useColors, useTextScale, type Colors } from './theme';

interface Props extends TextProps {
  readonly variant?: keyof typeof type;
  readonly color?: keyof Colors;
}

/** An amount is read as one word: on a small screen, or in large text, it is set smaller rather than broken. */
const AMOUNT_OF_WIDTH = 9;
const SMALLEST_AMOUNT = 20;

const HEADINGS = new Set<keyof typeof type>(['title', 'heading']);

/** Text of one of the theme's sizes; it grows with the system's setting. */
export function Text({ variant = 'body', color = 'ink', style, ...rest }: Props) {
  const colors = useColors();
  const { width } = useWindowDimensions();
  const scale = useTextScale();
  const role = HEADINGS.has(variant) ? ({ accessibilityRole: 'header' } as const) : {};
  const size = Math.min(AMOUNT, Math.max(width / AMOUNT_OF_WIDTH / scale, SMALLEST_AMOUNT));
  const sized = { fontSize: textSize(size), lineHeight: textSize(size * 1.25) };
  return (
    <NativeText
      {...role}
      {...rest}
      style={[type[variant], variant === 'amount' && sized, { color: colors[color] }, style]}
    />
  );
}
