/** What a browser's own radio buttons and switches do with keys, and react-native-web's do not. */
import type { KeyboardEvent } from 'react';

type Keys = { readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void };

const STEPS: Partial<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, ' ': 0 };

/** Arrows choose the next one or the one before, around the ends; Space chooses the one that has the focus. */
export const radioKeys = (count: number, choose: (index: number) => void): Keys => ({
  onKeyDown: (event) => {
    const step = STEPS[event.key];
    const radios = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=radio]')];
    const at = radios.findIndex((radio) => radio === event.target);
    if (step === undefined || at < 0) return;
    event.preventDefault(); // or the page scrolls
    const index = (at + step + count) % count;
    radios[index]?.focus();
    choose(index);
  },
});

/** Tab enters a group at one place, and leaves it with the next. */
export const radioFocus = (isEntrance: boolean): object => ({ tabIndex: isEntrance ? 0 : -1 });

export const spaceKey = (press: () => void): Keys => ({
  onKeyDown: (event) => {
    if (event.key !== ' ') return;
    event.preventDefault();
    press();
  },
});
