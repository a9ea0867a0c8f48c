import Svg, { Path } from 'react-native-svg';

const PATHS = {
  home: 'M4 11 12 4l8 7v8.5a.5.5 0 0 1-.5.5H15v-6H9v6H4.500a.5.5 0 0 1-.5-.5z',
  list: 'M5 7h14M5 12h14M5 17h9',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20c1-3.800 4-5.500 7.500-5.500s6.500 1.700 7.500 5.500',
  star: 'm12 4 2.400 5.100 5.600.7-4.100 3.800 1.100 5.500L12 16.400l-5 2.700 1.100-5.500L4 9.800l5.600-.7z',
  check: 'm5 12.500 4.500 4.500L19 7.500',
  clock: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v4.500l3 1.800',
  cross: 'M6.500 6.500l11 11M17.500 6.500l-11 11',
  back: 'M9 7 5 11l4 4M5 11h9a5 5 0 0 1 0 10h-2',
  cloud:
    'M4 4l16 16M7.500 18h9M9 8.500A5 5 0 0 1 17 11a3.700 3.700 0 0 1 2.500 5.500M6.500 11A3.600 3.600 0 0 0 7.500 18',
  phone: 'M8 3.500h8a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1zM11 17.500h2',
  card: 'M4 6.500h16a.5.5 0 0 1 .5.5v10a.5.5 0 0 1-.5.5H4a.5.5 0 0 1-.5-.5V7a.5.5 0 0 1 .5-.5zM3.500 10.500h17',
  bank: 'M4 10h16L12 4.500zM6 10v7M10 10v7M14 10v7M18 10v7M4 19.500h16',
  at: 'M15.500 12a3.500 3.500 0 1 1-7 0 3.500 3.500 0 0 1 7 0zm0 0v1.500a2.200 2.200 0 0 0 4.500 0V12a8 8 0 1 0-3 6.200',
  plus: 'M12 5v14M5 12h14',
  next: 'm9 6 6 6-6 6',
  building: 'M6 20V4.500h8V20M14 9.500h4.500V20M4 20h16M9 8h2M9 11.500h2M9 15h2',
  paper: 'M7 3.500h7l4 4v13H7zM14 3.500v4h4M10 12h5M10 16h5',
} as const;

export type IconName = keyof typeof PATHS;

interface Props {
  readonly name: IconName;
  readonly color: string;
  readonly size?: number;
}

/** A line drawing beside a text that says the same, so screen readers leave it out. */
export function Icon({ name, color, size = 24 }: Props) {
  return (
    <Svg width={size} height={size} viewBox="0 0 24 24" aria-hidden style={{ flexShrink: 0 }}>
      <Path d={PATHS[name]} stroke={color} strokeWidth={1.8} strokeLinecap="round" strokeLinejoin="round" fill="none" />
    </Svg>
  );
}
