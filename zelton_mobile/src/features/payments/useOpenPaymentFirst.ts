import { usePathname, useRouter } from 'expo-router';
import { useEffect, useRef } from 'react';

import { useSession } from '@/services/session';

import { keptOrder } from './pocket';

/** After a start or a sign-in, lead to the payment that this device began and has no final word of. */
export function useOpenPaymentFirst(): void {
  const { user } = useSession();
  const router = useRouter();
  const path = usePathname();
  const lookedFor = useRef<number | null>(null);
  const id = user?.id ?? null;
  useEffect(() => {
    if (id === lookedFor.current) return;
    lookedFor.current = id;
    if (id === null) return;
    void keptOrder(id).then((order) => {
      const address = order ? `/payments/${order.merchantOrderId}` : null;
      if (address && address !== path) router.push(address);
    });
  }, [id, path, router]);
}
