import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { GuardedButton } from '../../components/Guarded';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useSegmentOptions } from './Members';
import type { ReceivedFeed } from './queries';

type Format = Schemas['ExportFormat'];

/** A file of all members, or of one segment's, behind a link of some minutes. */
export function Export({ feed }: { feed: ReceivedFeed }) {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const [format, setFormat] = useState<Format>('parquet');
  const [segment, setSegment] = useState('');
  const options = useSegmentOptions(feed);
  const make = useAction((body: Schemas['ExportMembers'], once) =>
    bodyOf(
      api.POST('/sandboxes/{sandbox}/received-feeds/{received_feed}/members/export', {
        params: { path: { sandbox, received_feed: feed.receivedFeedId } },
        body,
        headers: once,
      }),
    ),
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('receivedFeeds.export.description')}
          actions={
            <GuardedButton
              permission="profiles:read"
              loading={make.isPending}
              onClick={() => make.mutate({ format, ...(segment ? { segmentId: segment } : {}) })}
            >
              {t('receivedFeeds.export.make')}
            </GuardedButton>
          }
        >
          {t('receivedFeeds.export')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={make.error} />
        {make.data && (
          <Alert type="success" header={t('receivedFeeds.export.ready', { count: make.data.members })}>
            <Link href={make.data.url} external>
              {t('receivedFeeds.export.download')}
            </Link>{' '}
            {t('receivedFeeds.export.until')} <Time at={make.data.expiresAt} exact />
          </Alert>
        )}
        <FormField label={t('receivedFeeds.export.format')}>
          <RadioGroup
            value={format}
            onChange={({ detail }) => setFormat(detail.value as Format)}
            items={(['parquet', 'csv'] as const).map((value) => ({
              value,
              label: t(`receivedFeeds.export.${value}`),
              description: t(`receivedFeeds.export.description.${value}`),
            }))}
          />
        </FormField>
        <FormField label={t('receivedFeeds.segment')}>
          <Select
            selectedOption={options.find(({ value }) => value === segment) ?? null}
            options={options}
            onChange={({ detail }) => setSegment(detail.selectedOption.value ?? '')}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
