import { Share } from 'react-native';

/** Give a text to another app, which the person chooses; tells what became of it. */
export async function handOver(message: string): Promise<'shared' | 'copied'> {
  await Share.share({ message });
  return 'shared';
}
