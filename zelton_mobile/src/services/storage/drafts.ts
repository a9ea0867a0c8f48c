import AsyncStorage from '@react-native-async-storage/async-storage';

const PREFIX = 'draft.';

/** What somebody has written into a form and not sent yet: it outlives a lost network, a sign-in that ended, the app. */
export const drafts = {
  read: async (name: string): Promise<unknown> => {
    try {
      return JSON.parse((await AsyncStorage.getItem(PREFIX + name)) ?? 'null');
    } catch {
      return null;
    }
  },
  write: (name: string, value: object): Promise<void> => AsyncStorage.setItem(PREFIX + name, JSON.stringify(value)),
  forget: (name: string): Promise<void> => AsyncStorage.removeItem(PREFIX + name),
  /** Whoever signs out leaves nothing of a tenant's on the device. */
  forgetAll: async (): Promise<void> => {
    const names = await AsyncStorage.getAllKeys();
    await AsyncStorage.multiRemove(names.filter((name) => name.startsWith(PREFIX)));
  },
};
