import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Header from '@cloudscape-design/components/header';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { bodyOf, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { Count } from '../../components/Count';
import { KeyValues } from '../../components/KeyValues';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type Segment, useMembers, useNamespaces } from './queries';
import './segments.css';

const LONGEST = 24;
type Export = Schemas['MemberExport'];

/** The first members of a segment, for those who may see identities, and a file of all. */
export function Members({ segment }: { segment: Segment }) {
  const t = useT();
  const sandbox = useSandbox();
  const isAllowed = useCan()('profiles:read');
  const [isShown, setShown] = useState(false);
  const members = useMembers(sandbox, segment, isAllowed && isShown);
  const namespaces = useNamespaces(sandbox);
  const header = (
    <Header
      variant="h2"
      description={t('segments.members.description')}
      actions={isAllowed && <ExportMembers segment={segment} />}
    >
      {t('segments.members')}
    </Header>
  );
  const empty = isAllowed ? (
    <Unshown isShown={isShown} isPending={members.isPending} onShow={() => setShown(true)} />
  ) : (
    t('guard.reason', { permission: 'profiles:read' })
  );
  return (
    <Table
      variant="container"
      header={header}
      items={members.items}
      trackBy={({ namespace, value }) => `${namespace} ${value}`}
      empty={<Box textAlign="center">{empty}</Box>}
      ariaLabels={{ tableLabel: t('segments.members') }}
      footer={
        members.error ? (
          <ProblemAlert error={members.error} onRetry={() => void members.refetch()} />
        ) : (
          members.hasNextPage && (
            <Box textAlign="center">
              <Button loading={members.isFetchingNextPage} onClick={() => void members.fetchNextPage()}>
                {t('segments.members.more')}
              </Button>
            </Box>
          )
        )
      }
      columnDefinitions={[
        {
          id: 'namespace',
          header: t('segments.namespace'),
          cell: ({ namespace }) => namespaces.find(({ code }) => code === namespace)?.name ?? namespace,
          width: 200,
        },
        {
          id: 'value',
          header: t('segments.members.value'),
          isRowHeader: true,
          cell: ({ value }) => <Value>{value}</Value>,
        },
        { id: 'since', header: t('segments.members.since'), cell: ({ since }) => <Time at={since} exact /> },
      ]}
    />
  );
}

function Unshown({ isShown, isPending, onShow }: { isShown: boolean; isPending: boolean; onShow: () => void }) {
  const t = useT();
  if (!isShown) return <Button onClick={onShow}>{t('segments.members.show')}</Button>;
  return isPending ? <Spinner aria-label={t('common.loading')} /> : t('segments.members.empty');
}

/** A value of an identity, cut, with a button that copies the whole. */
function Value({ children }: { children: string }) {
  const t = useT();
  const shown = children.length > LONGEST ? `${children.slice(0, LONGEST)}…` : children;
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={children}
      textToDisplay={
        <span className="digest" title={children.slice(0, 1000)}>
          {shown}
        </span>
      }
      copyButtonAriaLabel={t('copy.label', { what: t('segments.members.value') })}
      copySuccessText={t('copy.done')}
      copyErrorText={t('copy.failed')}
    />
  );
}

function ExportMembers({ segment: { segmentId, receivedFeedId } }: { segment: Segment }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const [made, setMade] = useState<Export | null>(null);
  const run = useAction((format: Export['format'], once) =>
    bodyOf<Export>(
      receivedFeedId
        ? api.POST('/sandboxes/{sandbox}/received-feeds/{received_feed}/members/export', {
            params: { path: { sandbox, received_feed: receivedFeedId } },
            body: { format, segmentId },
            headers: once,
          })
        : api.POST('/sandboxes/{sandbox}/segments/{segment}/members/export', {
            params: { path: { sandbox, segment: segmentId } },
            body: { format },
            headers: once,
          }),
    ),
  );
  return (
    <>
      <ButtonDropdown
        loading={run.isPending}
        items={[
          { id: 'parquet', text: 'Parquet' },
          { id: 'csv', text: 'CSV' },
        ]}
        onItemClick={({ detail }) =>
          run.mutate(detail.id as Export['format'], { onSuccess: setMade, onError: flash.error })
        }
      >
        {t('segments.export')}
      </ButtonDropdown>
      {made && (
        <Modal
          visible
          header={t('segments.export.ready')}
          onDismiss={() => setMade(null)}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <CopyToClipboard
                  variant="button"
                  textToCopy={made.url}
                  copyButtonText={t('segments.export.link')}
                  copySuccessText={t('copy.done')}
                  copyErrorText={t('copy.failed')}
                />
                <Button variant="primary" iconName="download" href={made.url} download={`${segmentId}.${made.format}`}>
                  {t('segments.export.download')}
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          <SpaceBetween size="m">
            <KeyValues
              columns={2}
              items={[
                { label: t('segments.members'), value: <Count value={made.members} /> },
                { label: t('segments.export.format'), value: made.format === 'csv' ? 'CSV' : 'Parquet' },
                { label: t('segments.export.expires'), value: <Time at={made.expiresAt} exact /> },
              ]}
            />
            <Alert type="info">{t('segments.export.personal')}</Alert>
          </SpaceBetween>
        </Modal>
      )}
    </>
  );
}
