/** Hand a PDF to the browser, which keeps it. */
export async function openPdf(name: string, content: ArrayBuffer): Promise<void> {
  const address = URL.createObjectURL(new Blob([content], { type: 'application/pdf' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
