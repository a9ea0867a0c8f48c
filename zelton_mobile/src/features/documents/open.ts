import { File, Paths } from 'expo-file-system';
import * as Sharing from 'expo-sharing';

/** Hand a PDF to the phone, which shows, prints, keeps or sends it. */
export async function openPdf(name: string, content: ArrayBuffer): Promise<void> {
  const file = new File(Paths.cache, name);
  file.create({ overwrite: true });
  file.write(new Uint8Array(content));
  await Sharing.shareAsync(file.uri, { mimeType: 'application/pdf', UTI: 'com.adobe.pdf' });
}
