type Listener = () => void;

let current: string | null = null;
let whenRejected: Listener = () => undefined;

/** The token that calls are sent with, and who is told when the API does not take it any more. */
export const credentials = {
  token: (): string | null => current,
  use(token: string | null): void {
    current = token;
  },
  onRejected(listener: Listener): void {
    whenRejected = listener;
  },
  /** The answer to a call that was sent before somebody else signed in says nothing about the new token. */
  rejected(token: string): void {
    if (token === current) whenRejected();
  },
};
