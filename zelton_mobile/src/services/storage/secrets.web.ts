/**
 * A browser has no keychain. Local storage outlives the tab, which a payment has to; its reader is whoever runs script
 * on this origin, so the page is to be served with a Content-Security-Policy that lets no foreign script in.
 */
export const secrets = {
  read: async (name: string): Promise<string | null> => localStorage.getItem(name),
  write: async (name: string, value: string): Promise<void> => localStorage.setItem(name, value),
  forget: async (name: string): Promise<void> => localStorage.removeItem(name),
};
