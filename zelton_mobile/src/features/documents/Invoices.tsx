import { useInfiniteQuery } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useTranslation } from 'react-i18next';

import type { Invoice } from '@/api/schema';
import { invoicesQuery } from '@/features/queries';
import { day, money } from '@/format';
import { useWord } from '@/i18n/sentence';
import { api } from '@/services/api';
import { Button, Card, LinkRow, Row, Text } from '@/ui';
import { Loaded } from '@/ui/Loaded';

import { PdfButton } from './PdfButton';

/** An owner's tax invoices and credit notes, newest first, each with its PDF. */
export function Invoices() {
  const { t } = useTranslation();
  const router = useRouter();
  const invoices = useInfiniteQuery(invoicesQuery);
  return (
    <>
      <Text variant="heading">{t('invoices.title')}</Text>
      <LinkRow
        label={t('titles.billing')}
        hint={t('invoices.billing')}
        onPress={() => router.push('/billing')}
        testID="to-billing"
      />
      <Loaded query={invoices}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.results);
          if (all.length === 0) return <Text color="muted">{t('invoices.none')}</Text>;
          return all.map((invoice) => <Item key={invoice.id} invoice={invoice} />);
        }}
      </Loaded>
      {invoices.hasNextPage ? (
        <Button
          kind="plain"
          label={t('common.more')}
          busy={invoices.isFetchingNextPage}
          onPress={() => void invoices.fetchNextPage()}
        />
      ) : null}
    </>
  );
}

const PDF_LABELS: Partial<Record<string, 'invoices.pdf' | 'invoices.notePdf'>> = {
  tax_invoice: 'invoices.pdf',
  credit_note: 'invoices.notePdf',
};

function Item({ invoice }: { readonly invoice: Invoice }) {
  const { t, i18n } = useTranslation();
  const word = useWord();
  const { id, number, kind, credits } = invoice;
  return (
    <Card>
      <Row
        label={word('invoices.kinds', kind) ?? t('unknown.document')}
        hint={day(invoice.issued_on, i18n.language)}
        value={money(invoice.total)}
      />
      {credits ? <Text color="muted">{t('invoices.credits', { number: credits })}</Text> : null}
      <PdfButton
        label={t(PDF_LABELS[kind] ?? 'unknown.pdf', { number })}
        name={`zelton-${number.replaceAll('/', '-')}.pdf`}
        load={() => api.invoice(id)}
        testID={`invoice-${id}`}
      />
    </Card>
  );
}
