/** A phone's browser shares; a desk's copies. */
export async function handOver(message: string): Promise<'shared' | 'copied'> {
  if (typeof navigator.share === 'function') {
    await navigator.share({ text: message });
    return 'shared';
  }
  await navigator.clipboard.writeText(message);
  return 'copied';
}
