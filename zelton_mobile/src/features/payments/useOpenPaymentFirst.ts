import { usePathname, useRouter } from 'expo-router';
import { useEffect, useRef } from 'react';

import { useInterrupted } from '@/features/useInterrupted';
import { useSession } from '@/services/session';

import { keptOrder } from './pocket';

/**
 * After a start or a sign-in, lead to the payment that this device began and has no final word of; else, after a sign-in,
 * to where somebody was when they had to sign in.
 */
export function useOpenPaymentFirst(): void {
  const { user } = useSession();
  const router = useRouter();
  const path = usePathname();
  const interrupted = useInterrupted();
  const lookedFor = useRef<number | null>(null);
  const hadToSignIn = useRef(false);
  const id = user?.id ?? null;
  useEffect(() => {
    if (user === null) hadToSignIn.current = true;
    if (id === lookedFor.current) return;
    lookedFor.current = id;
    if (id === null) return;
    const before = hadToSignIn.current ? interrupted(id) : null;
    hadToSignIn.current = false;
    void keptOrder(id).then((order) => {
      const address = order ? (`/payments/${order.merchantOrderId}` as const) : before;
      if (address && address !== path) router.push(address);
    });
  }, [id, interrupted, path, router, user]);
}
