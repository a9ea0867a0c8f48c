import AsyncStorage from '@react-native-async-storage/async-storage';
import { getLocales } from 'expo-localization';
import { createInstance } from 'i18next';
import { initReactI18next } from 'react-i18next';

import { en } from './en';
import { hi } from './hi';

export const LANGUAGES = { en: 'English', hi: 'हिन्दी' } as const;
export type Language = keyof typeof LANGUAGES;

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

const CHOSEN = 'language';

export const i18n = createInstance();

void i18n.use(initReactI18next).init({
  resources: { en: { translation: en }, hi: { translation: hi } },
  lng: deviceLanguage(),
  fallbackLng: 'en',
  interpolation: { escapeValue: false }, // React escapes
  initAsync: false,
});

i18n.on('languageChanged', tellPage);
tellPage(i18n.language);

void AsyncStorage.getItem(CHOSEN).then((chosen) => {
  if (isLanguage(chosen)) return i18n.changeLanguage(chosen);
});

/** Speak this language from now on, also after a restart. */
export async function speak(language: Language): Promise<void> {
  await i18n.changeLanguage(language);
  await AsyncStorage.setItem(CHOSEN, language);
}

/** A browser's screen reader speaks a page in the language that the page says it is in. */
function tellPage(language: string): void {
  if (typeof document !== 'undefined') document.documentElement.lang = language;
}

function deviceLanguage(): Language {
  const known = getLocales().map(({ languageCode }) => languageCode);
  return known.find(isLanguage) ?? 'en';
}

function isLanguage(code: string | null): code is Language {
  return code !== null && code in LANGUAGES;
}
