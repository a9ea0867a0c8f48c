/** Keys of a browser; a device's own keyboard support needs nothing of this. */
export const radioKeys = (_count: number, _choose: (index: number) => void): object => ({});
export const radioFocus = (_isEntrance: boolean): object => ({});
export const spaceKey = (_press: () => void): object => ({});
