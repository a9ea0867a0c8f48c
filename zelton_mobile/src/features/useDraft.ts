import { useCallback, useEffect, useRef, useState } from 'react';

import { useUser } from '@/services/session';
import { drafts } from '@/services/storage/drafts';

interface Draft<T> {
  readonly value: T;
  readonly change: (part: Partial<T>) => void;
  /** After it was sent. */
  readonly clear: () => Promise<void>;
}

/** The texts of a form, kept on the device until it was sent; each person has their own. */
export function useDraft<T extends Record<string, string>>(form: string, empty: T): Draft<T> {
  const name = `${useUser().id}.${form}`;
  const [value, setValue] = useState(empty);
  const isTouched = useRef(false);
  const latest = useRef(value);

  useEffect(() => {
    void drafts.read(name).then((kept) => {
      if (isTouched.current || typeof kept !== 'object' || kept === null) return;
      const texts = Object.entries(kept).filter(([key, text]) => key in latest.current && typeof text === 'string');
      latest.current = { ...latest.current, ...Object.fromEntries(texts) };
      setValue(latest.current);
    });
  }, [name]);

  const change = useCallback(
    (part: Partial<T>) => {
      isTouched.current = true;
      latest.current = { ...latest.current, ...part };
      setValue(latest.current);
      void drafts.write(name, latest.current);
    },
    [name],
  );
  const clear = useCallback(() => drafts.forget(name), [name]);
  return { value, change, clear };
}
