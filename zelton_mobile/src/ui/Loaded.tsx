import type { UseQueryResult } from '@tanstack/react-query';
import { createContext, useContext, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useSentence } from '@/i18n/sentence';
import { ApiError } from '@/services/api';
import { useIsOnline } from '@/services/useIsOnline';

import { Blank, Button, Loading, Notice } from './index';

interface Props<T> {
  readonly query: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}

/** Whether something around says already that what is shown may be out of date. */
const IsSaid = createContext(false);

/** What a query has brought, or why it has brought nothing: loading, offline or error, each with a way on. */
export function Loaded<T>({ query, children }: Props<T>) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const isOnline = useIsOnline();
  const isSaid = useContext(IsSaid);
  if (query.data !== undefined) {
    const why = query.error ? sentence(query.error) : isOnline ? null : t('errors.network');
    return (
      <>
        {why !== null && !isSaid ? (
          <Notice tone="warn" testID="stale">
            {`${why} ${t('errors.stale')}`}
          </Notice>
        ) : null}
        <IsSaid value={isSaid || why !== null}>{children(query.data)}</IsSaid>
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
