import { focusManager, onlineManager, QueryClient } from '@tanstack/react-query';
import { addNetworkStateListener } from 'expo-network';
import { AppState, Platform } from 'react-native';

/** The API's client repeats what is safe to repeat itself, and says so when there is no network. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // With this network mode the library would not ask again by itself when the network comes back.
      queries: { retry: false, networkMode: 'always', refetchOnReconnect: true, staleTime: 10_000 },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

/** Read again what is on the screen when the person or the network comes back. */
export function followDevice(): () => void {
  const network = addNetworkStateListener(({ isConnected }) => onlineManager.setOnline(isConnected !== false));
  const app = AppState.addEventListener('change', (state) => {
    if (Platform.OS !== 'web') focusManager.setFocused(state === 'active');
  });
  return () => {
    network.remove();
    app.remove();
  };
}
