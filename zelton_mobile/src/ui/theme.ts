import { Platform, useColorScheme, useWindowDimensions } from 'react-native';

/** Ink stands out from its ground by 4.5 to 1, and the edge of what is filled in or chosen by 3 to 1. */
const light = {
  paper: '#f4f6f5',
  card: '#ffffff',
  ink: '#17211d',
  muted: '#55625d',
  line: '#dde3e0',
  edge: '#7c8984',
  accent: '#0b6b4f',
  onAccent: '#ffffff',
  accentSoft: '#e2f2eb',
  good: '#0b6b4f',
  goodSoft: '#e2f2eb',
  warn: '#7a4f00',
  warnSoft: '#fcf1d9',
  bad: '#a8231c',
  badSoft: '#fcebe9',
};

export type Colors = typeof light;

const dark: Colors = {
  paper: '#0f1513',
  card: '#19211e',
  ink: '#e7eeea',
  muted: '#a3b1ab',
  line: '#2c3733',
  edge: '#75847d',
  accent: '#58d3a8',
  onAccent: '#05251a',
  accentSoft: '#153328',
  good: '#58d3a8',
  goodSoft: '#153328',
  warn: '#f0c56f',
  warnSoft: '#382c12',
  bad: '#ff9f96',
  badSoft: '#3c1e1b',
};

export const space = { xs: 4, s: 8, m: 12, l: 16, xl: 24, xxl: 32 } as const;
export const radius = { s: 10, m: 14, l: 20, pill: 999 } as const;

/** The size of text that browsers come with. */
const USUAL = 16;

/** A size of text. Devices scale it as the system's setting says; a browser does so with what is measured in `rem`. */
export const textSize = (size: number): number =>
  Platform.OS === 'web' ? (`${size / USUAL}rem` as unknown as number) : size;

/** How much larger than usual a person has set text. */
export function useTextScale(): number {
  const { fontScale } = useWindowDimensions();
  const isPage = Platform.OS === 'web' && typeof document !== 'undefined';
  return isPage ? parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL : fontScale;
}

const sized = (fontSize: number, lineHeight: number) => ({
  fontSize: textSize(fontSize),
  lineHeight: textSize(lineHeight),
});

export const AMOUNT = 36;
export const type = {
  amount: { ...sized(AMOUNT, 44), fontWeight: '700' },
  title: { ...sized(24, 32), fontWeight: '700' },
  heading: { ...sized(18, 26), fontWeight: '600' },
  body: { ...sized(16, 24), fontWeight: '400' },
  strong: { ...sized(16, 24), fontWeight: '600' },
  small: { ...sized(14, 20), fontWeight: '400' },
} as const;
/** The smallest side of what a finger has to hit. */
export const TAP = 48;
/** On a wide screen the app stays as wide as a person reads. */
export const WIDTH = 560;

export function useColors(): Colors {
  return useColorScheme() === 'dark' ? dark : light;
}
