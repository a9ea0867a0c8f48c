import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useSentence } from '@/i18n/sentence';
import { ApiError } from '@/services/api';

import { Blank, Button, Loading, Notice } from './index';

interface Props<T> {
  readonly query: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}

/** What a query has brought, or why it has brought nothing: loading, offline or error, each with a way on. */
export function Loaded<T>({ query, children }: Props<T>) {
  const { t } = useTranslation();
  const sentence = useSentence();
  if (query.data !== undefined) {
    return (
      <>
        {query.error ? (
          <Notice tone="warn" testID="stale">
            {`${sentence(query.error)} ${t('errors.stale')}`}
          </Notice>
        ) : null}
        {children(query.data)}
      </>
    );
  }
  if (query.error) {
    const isOffline = query.error instanceof ApiError && query.error.kind === 'network';
    return (
      <Blank
        testID={isOffline ? 'offline' : 'error'}
        icon={isOffline ? 'cloud' : 'cross'}
        title={t(isOffline ? 'errors.offlineTitle' : 'errors.title')}
        action={
          <Button
            kind="secondary"
            label={t('common.tryAgain')}
            busy={query.isFetching}
            onPress={() => void query.refetch()}
          />
        }
      >
        {sentence(query.error)}
      </Blank>
    );
  }
  return <Loading label={t('common.loading')} />;
}
