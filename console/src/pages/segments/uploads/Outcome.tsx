import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useIntl } from 'react-intl';
import { Count } from '../../../components/Count';
import { KeyValues } from '../../../components/KeyValues';
import { useT } from '../../../i18n/messages';
import { type Import, idOf, isImport, type Loaded, statusOf, type Upload, useReference } from '../queries';
import { StoreProblem } from './StoreProblem';
import { bytesOf } from './sizes';
import { useTransfer } from './transfers';

/** How far an upload or an import is, why it has failed, and what a dry run has found. */
export function Outcome({ loaded }: { loaded: Loaded }) {
  const t = useT();
  const isCancelled = statusOf(loaded) === 'cancelled';
  return (
    <SpaceBetween size="m">
      <Progress loaded={loaded} />
      {isCancelled && <StatusIndicator type="stopped">{t('segments.progress.cancelled')}</StatusIndicator>}
      {loaded.error && !isCancelled && <Failure error={loaded.error} />}
      {loaded.preview && <Found preview={loaded.preview} />}
    </SpaceBetween>
  );
}

function Progress({ loaded }: { loaded: Loaded }) {
  const t = useT();
  const intl = useIntl();
  const transfer = useTransfer(idOf(loaded));
  const { status, progress } = loaded;
  if (status === 'completed')
    return (
      <StatusIndicator type="success">
        {t(loaded.preview ? 'segments.progress.found' : 'segments.progress.completed')}
      </StatusIndicator>
    );
  const isOver = status === 'failed' && transfer?.state !== 'sending';
  if (isOver && !transfer?.again) return null;
  if (transfer?.state === 'failed') return <StoreProblem problem={transfer.problem} again={transfer.again} />;
  if (status !== 'processing' && transfer?.state === 'sending')
    return (
      <ProgressBar
        label={t(transfer.files ? 'segments.progress.sendingFiles' : 'segments.progress.sending')}
        value={transfer.total ? (transfer.sent / transfer.total) * 100 : 0}
        additionalInfo={[
          t('segments.progress.sent', { sent: bytesOf(intl, transfer.sent), total: bytesOf(intl, transfer.total) }),
          transfer.files && t('segments.progress.files', { done: transfer.files.sent, total: transfer.files.total }),
        ]
          .filter(Boolean)
          .join(' · ')}
        description={t('segments.progress.keepOpen')}
      />
    );
  if (status === 'awaiting_file' && !transfer && isImport(loaded)) return <Awaited loaded={loaded} />;
  if (status === 'awaiting_file' && !transfer)
    return (
      <Alert type="info" header={t('segments.progress.awaiting')}>
        {t('segments.progress.awaiting.detail')}
      </Alert>
    );
  if (loaded.waiting) return <StatusIndicator type="pending">{t('segments.progress.waiting')}</StatusIndicator>;
  if (status === 'processing' && progress.total > 0)
    return (
      <ProgressBar
        label={t('segments.progress.applying')}
        value={(progress.done / progress.total) * 100}
        additionalInfo={t('segments.progress.spans', { done: progress.done, total: progress.total })}
      />
    );
  if (isImport(loaded) && loaded.splits && loaded.splits.total > 0) {
    const { parts, splits } = loaded;
    return (
      <ProgressBar
        label={t('segments.progress.readingFiles')}
        value={(splits.done / splits.total) * 100}
        additionalInfo={[
          t('segments.progress.parts', { done: parts.done, total: parts.total }),
          t('segments.progress.splits', { done: splits.done, total: splits.total }),
        ].join(' · ')}
      />
    );
  }
  return (
    <StatusIndicator type="in-progress">
      {t(isImport(loaded) ? 'segments.progress.readingFiles' : 'segments.progress.reading')}
    </StatusIndicator>
  );
}

/** An import whose parts are not sent from here. */
function Awaited({ loaded: { sourceId } }: { loaded: Import }) {
  const t = useT();
  if (sourceId) return <StatusIndicator type="in-progress">{t('segments.progress.copying')}</StatusIndicator>;
  return (
    <Alert type="info" header={t('segments.progress.awaitingParts')}>
      {t('segments.progress.awaitingParts.detail')}
    </Alert>
  );
}

/** What is to be done about a failure, of those reasons that a person at the console can do something about. */
const REMEDIES: ReadonlySet<string> = new Set([
  'removal_guard',
  'reject_guard',
  'profile_entitlement',
  'all_rejected',
  'expired',
  'not_utf8',
  'missing_column',
  'wrong_format',
  'mixed_raw_and_hashed',
  'no_consent_rule',
  'parts_refused',
]);

function Failure({ error }: { error: NonNullable<Upload['error']> }) {
  const t = useT();
  const reasons = useReference('reasons');
  const known = reasons.data?.value.items.find(({ code, subject }) => code === error.reason && subject === 'upload');
  return (
    <Alert type="error" header={known?.name ?? error.reason}>
      <SpaceBetween size="xs">
        <span dir="auto" className="breaks">
          {error.detail}
        </span>
        {REMEDIES.has(error.reason) && <span>{t(`segments.remedy.${error.reason}`)}</span>}
      </SpaceBetween>
    </Alert>
  );
}

function Found({ preview }: { preview: NonNullable<Upload['preview']> }) {
  const t = useT();
  const entitlement = preview.profileEntitlement;
  return (
    <SpaceBetween size="m">
      <KeyValues
        columns={4}
        items={[
          { label: t('segments.found.identities'), value: <Count value={preview.identities} /> },
          { label: t('segments.found.new'), value: <Count value={preview.newIdentities} /> },
          { label: t('segments.found.known'), value: <Count value={preview.knownIdentities} /> },
          ...(entitlement == null
            ? []
            : [{ label: t('segments.found.entitlement'), value: <Count value={entitlement} /> }]),
        ]}
      />
      {preview.segments.length > 0 && (
        <Table
          variant="embedded"
          header={<Box variant="h3">{t('segments.found.segments', { count: preview.segmentsOffered })}</Box>}
          items={preview.segments}
          trackBy={({ name }) => name}
          ariaLabels={{ tableLabel: t('segments.found.segments', { count: preview.segmentsOffered }) }}
          columnDefinitions={[
            {
              id: 'name',
              header: t('segments.found.named'),
              isRowHeader: true,
              cell: ({ name }) => <span dir="auto">{name}</span>,
            },
            {
              id: 'known',
              header: t('segments.found.here'),
              cell: ({ segmentId }) => segmentId ?? t('segments.found.unknown'),
            },
            {
              id: 'identities',
              header: t('segments.identities'),
              cell: ({ identities }) => <Count value={identities} />,
            },
            {
              id: 'new',
              header: t('segments.found.new'),
              cell: ({ newIdentities }) => <Count value={newIdentities} />,
            },
          ]}
        />
      )}
    </SpaceBetween>
  );
}
