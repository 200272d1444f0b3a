import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import Spinner from '@cloudscape-design/components/spinner';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Resource } from '../api/queries';
import { useT } from '../i18n/messages';
import { type Crumb, usePage } from '../layout/page';
import { ProblemAlert } from './ProblemAlert';

interface Props<T> {
  /** From useResource. */
  resource: UseQueryResult<Resource<T>>;
  /** What the thing is called; while it loads, its id. */
  title: (value: T | undefined) => string;
  /** The crumbs above it. */
  above: Crumb[];
  description?: string;
  actions?: (value: T, etag: string | null) => ReactNode;
  help?: ReactNode;
  children: (value: T, etag: string | null) => ReactNode;
}

/** The page of one thing: its name, what can be done with it, and containers below one another. */
export function DetailPage<T>({ resource, title, above, description, actions, help, children }: Props<T>) {
  const t = useT();
  const { data, error } = resource;
  const heading = title(data?.value);
  usePage({ title: heading, breadcrumbs: [...above, { text: heading }], help });
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={description}
          actions={data && actions && <div className="row">{actions(data.value, data.etag)}</div>}
        >
          <span dir="auto" className="breaks">
            {heading}
          </span>
        </Header>
      }
    >
      <div className="stack">
        <ProblemAlert error={error} onRetry={() => void resource.refetch()} />
        {data ? children(data.value, data.etag) : !error && <Spinner size="large" aria-label={t('common.loading')} />}
      </div>
    </ContentLayout>
  );
}
