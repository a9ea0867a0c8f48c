import * as SecureStore from 'expo-secure-store';

/** What only this app may read: the phone's keychain or keystore. */
export const secrets = {
  read: (name: string): Promise<string | null> => SecureStore.getItemAsync(name),
  write: (name: string, value: string): Promise<void> =>
    SecureStore.setItemAsync(name, value, { keychainAccessible: SecureStore.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY }),
  forget: (name: string): Promise<void> => SecureStore.deleteItemAsync(name),
};
