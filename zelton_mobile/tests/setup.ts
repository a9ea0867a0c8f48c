// What a device has and Node has not.
jest.mock('expo-crypto', () => jest.requireActual('node:crypto'));

jest.mock('expo-secure-store', () => {
  const kept = new Map<string, string>();
  return {
    AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY: 0,
    getItemAsync: async (name: string) => kept.get(name) ?? null,
    setItemAsync: async (name: string, value: string) => void kept.set(name, value),
    deleteItemAsync: async (name: string) => void kept.delete(name),
  };
});

jest.mock('@react-native-async-storage/async-storage', () =>
  jest.requireActual('@react-native-async-storage/async-storage/jest/async-storage-mock'),
);

jest.mock('expo-localization', () => ({ getLocales: () => [{ languageCode: 'en' }] }));

jest.mock('expo-network', () => ({ addNetworkStateListener: jest.fn(() => ({ remove: jest.fn() })) }));

jest.mock('expo-linking', () => ({
  addEventListener: jest.fn(() => ({ remove: jest.fn() })),
  openURL: jest.fn(async () => true),
}));

jest.mock('expo-web-browser', () => ({ openAuthSessionAsync: jest.fn(async () => ({ type: 'dismiss' })) }));

jest.mock('expo-sharing', () => ({ shareAsync: jest.fn(async () => undefined) }));

jest.mock('expo-file-system', () => ({
  Paths: { cache: 'file:///cache' },
  File: class {
    readonly uri: string;
    constructor(folder: string, name: string) {
      this.uri = `${folder}/${name}`;
    }
    create(): void {}
    write(): void {}
  },
}));

jest.mock('expo-router', () => {
  const router = { push: jest.fn(), replace: jest.fn(), dismissTo: jest.fn() };
  return { router, useRouter: () => router, usePathname: () => '/', useGlobalSearchParams: () => ({}) };
});

jest.mock(
  'react-native-safe-area-context',
  () => jest.requireActual<{ default: object }>('react-native-safe-area-context/jest/mock').default,
);

jest.mock('react-native-phonepe-pg', () => ({
  __esModule: true,
  default: { init: jest.fn(), startTransaction: jest.fn() },
}));
