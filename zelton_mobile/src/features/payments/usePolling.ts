import { useEffect, useReducer, useRef } from 'react';
import * as Linking from 'expo-linking';
import { addNetworkStateListener } from 'expo-network';
import { AppState } from 'react-native';

import { ApiError } from '@/services/api';

import { FRESH, step, type Answer, type Polling } from './polling';

/** There is no such payment for this person. A sign-in that has ended, by contrast, says nothing about the payment. */
const REFUSALS = new Set([400, 403, 404]);

/** Follow a payment to its final word. `verify` asks the backend; `nudge` asks now. */
export function usePolling(verify: () => Promise<Answer>): { polling: Polling; nudge: () => void } {
  const [polling, dispatch] = useReducer(step, FRESH);
  const ask = useRef(verify);
  useEffect(() => {
    ask.current = verify;
  }, [verify]);

  const { stage, round, wait } = polling;
  useEffect(() => {
    if (stage !== 'asking') return;
    ask.current().then(
      (answer) => dispatch({ type: 'answered', round, answer }),
      (error: unknown) => {
        if (error instanceof ApiError && REFUSALS.has(error.status ?? 0)) dispatch({ type: 'refused', round });
        else dispatch({ type: 'failed', round, retryAfter: error instanceof ApiError ? error.retryAfter : null });
      },
    );
  }, [stage, round]);

  useEffect(() => {
    if (stage !== 'waiting') return;
    const timer = setTimeout(() => dispatch({ type: 'woken' }), wait * 1000);
    return () => clearTimeout(timer);
  }, [stage, wait, round]);

  useEffect(() => {
    const watched = [
      AppState.addEventListener('change', (state) => dispatch({ type: state === 'active' ? 'shown' : 'hidden' })),
      addNetworkStateListener(({ isConnected }) => dispatch({ type: isConnected === false ? 'offline' : 'online' })),
      Linking.addEventListener('url', () => dispatch({ type: 'nudged' })),
    ];
    return () => watched.forEach((subscription) => subscription.remove());
  }, []);

  return { polling, nudge: () => dispatch({ type: 'nudged' }) };
}
