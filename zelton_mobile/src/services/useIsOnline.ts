import { onlineManager } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

const subscribe = (listener: () => void): (() => void) => onlineManager.subscribe(listener);
const isOnline = (): boolean => onlineManager.isOnline();

/** Whether the device says that it has a network, which is no promise that anybody answers. */
export const useIsOnline = (): boolean => useSyncExternalStore(subscribe, isOnline, isOnline);
