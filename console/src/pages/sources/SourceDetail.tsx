import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useIntl } from 'react-intl';
import { useParams } from 'react-router';
import { useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { KeyValues } from '../../components/KeyValues';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { AreaMessages, useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { ReadingFacts } from '../segments/uploads/ReadingFacts';
import { bytesOf } from '../segments/uploads/sizes';
import { placeOf, type Run, type Source, statusOf, useSource } from './queries';
import { RolePolicies } from './RolePolicies';
import { RunBadge } from './RunBadge';
import { LeftOutCounts } from './RunDialog';
import { Runs } from './Runs';
import { SourceActions } from './SourceActions';
import { useKnown, useScheduleWords } from './words';

export default function SourceDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { source = '' } = useParams();
  const read = useSource(sandbox, source);
  return (
    <AreaMessages area="segments">
      <DetailPage
        resource={read}
        title={(value) => value?.name ?? source}
        above={[{ text: t('sources.title'), href: inSandbox(sandbox, 'sources') }]}
        actions={(value, etag) => <SourceActions source={value} etag={etag} />}
      >
        {(value) => (
          <>
            <Overview source={value} />
            {value.kind !== 'sftp' && <RolePolicies source={value} />}
            <Reading source={value} />
            <Runs source={value} />
          </>
        )}
      </DetailPage>
    </AreaMessages>
  );
}

function Overview({ source }: { source: Source }) {
  const t = useT();
  const scheduleOf = useScheduleWords();
  const { lastRun, nextRunAt, description, secrets } = source;
  return (
    <Container header={<Header variant="h2">{t('sources.overview')}</Header>}>
      <SpaceBetween size="l">
        {source.running && <StatusIndicator type="in-progress">{t('sources.running')}</StatusIndicator>}
        {lastRun ? <LastRun run={lastRun} /> : <Box>{t('sources.never.detail')}</Box>}
        <KeyValues
          columns={4}
          items={[
            { label: t('sources.status'), value: <StatusBadge status={statusOf(source)} /> },
            { label: t('sources.kind'), value: t(`sources.kind.${source.kind}`) },
            {
              label: t('sources.place'),
              value: (
                <span dir="auto" className="breaks">
                  {placeOf(source)}
                </span>
              ),
            },
            { label: t('sources.schedule'), value: scheduleOf(source) },
            { label: t('sources.nextRun'), value: nextRunAt ? <Time at={nextRunAt} exact /> : t('common.none') },
            { label: t('sources.takes'), value: t(`sources.takes.${source.takes}`) },
            ...(secrets.length > 0
              ? [{ label: t('sources.secrets'), value: secrets.map((name) => t(`sources.field.${name}`)).join(', ') }]
              : []),
            { label: t('sources.id'), value: <CopyId value={source.sourceId} /> },
            { label: t('sources.createdAt'), value: <Time at={source.createdAt} exact /> },
            ...(description
              ? [
                  {
                    label: t('sources.descriptionOf'),
                    value: (
                      <span dir="auto" className="breaks">
                        {description}
                      </span>
                    ),
                  },
                ]
              : []),
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

/** What came of the last run. */
function LastRun({ run }: { run: Run }) {
  const t = useT();
  const intl = useIntl();
  const known = useKnown();
  const sandbox = useSandbox();
  if (run.error)
    return (
      <Alert type="error" header={t('sources.run.failedAt', { at: intl.formatDate(run.at, TIME) })}>
        <SpaceBetween size="xs">
          <strong>{known(`sources.reason.${run.error.reason}`, run.error.reason)}</strong>
          <span lang="en" dir="auto" className="breaks">
            {run.error.detail}
          </span>
        </SpaceBetween>
      </Alert>
    );
  const isEmpty = Object.keys(run.leftOut).length === 0;
  return (
    <SpaceBetween size="xs">
      <div className="row">
        <Box variant="awsui-key-label">{t('sources.lastRun')}</Box>
        <RunBadge run={run} />
        <Time at={run.at} exact />
        <span>{t(`sources.trigger.${run.trigger}`)}</span>
        {run.importId && (
          <RouteLink href={inSandbox(sandbox, 'segments/imports', run.importId)}>{t('sources.import')}</RouteLink>
        )}
      </div>
      {run.status === 'started' && (
        <Box color="text-body-secondary">
          {t('sources.taken', { count: run.files, size: bytesOf(intl, run.bytes) })} {run.more && t('sources.more')}
        </Box>
      )}
      {!isEmpty && (
        <Box color="text-body-secondary">
          {t('sources.leftOut')}: <LeftOutCounts counts={run.leftOut} />
        </Box>
      )}
    </SpaceBetween>
  );
}

const TIME = { dateStyle: 'medium', timeStyle: 'short' } as const;

/** How its files are read. */
function Reading({ source }: { source: Source }) {
  const t = useT();
  const known = useKnown();
  const { preset } = source;
  return (
    <ReadingFacts
      title={t('sources.reading')}
      reading={source}
      more={preset ? [{ label: t('sources.preset'), value: known(`sources.preset.${preset}`, preset) }] : []}
    />
  );
}
