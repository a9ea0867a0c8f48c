import { useColorScheme } from 'react-native';

const light = {
  paper: '#f4f6f5',
  card: '#ffffff',
  ink: '#17211d',
  muted: '#55625d',
  line: '#dde3e0',
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
export const type = {
  amount: { fontSize: 36, lineHeight: 44, fontWeight: '700' },
  title: { fontSize: 24, lineHeight: 32, fontWeight: '700' },
  heading: { fontSize: 18, lineHeight: 26, fontWeight: '600' },
  body: { fontSize: 16, lineHeight: 24, fontWeight: '400' },
  strong: { fontSize: 16, lineHeight: 24, fontWeight: '600' },
  small: { fontSize: 14, lineHeight: 20, fontWeight: '400' },
} as const;
/** The smallest side of what a finger has to hit. */
export const TAP = 48;
/** On a wide screen the app stays as wide as a person reads. */
export const WIDTH = 560;

export function useColors(): Colors {
  return useColorScheme() === 'dark' ? dark : light;
}
