import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { Count } from '../../components/Count';
import { DetailPage } from '../../components/DetailPage';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { Labels } from '../../components/Labels';
import { NameOrId, Written } from '../../components/NameOrId';
import { RouteLink } from '../../components/RouteLink';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox, placeOf } from '../../paths';
import { DeleteSegment } from './DeleteSegment';
import { ExpressionText } from './ExpressionText';
import { History } from './History';
import { Identities } from './Identities';
import { kindOf } from './kinds';
import { Members } from './Members';
import { isMoving, type Segment, useLoaded, useSegment, useSegmentNames } from './queries';
import { SegmentLabels } from './SegmentLabels';
import { UsedBy } from './UsedBy';

export default function SegmentDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { segment = '' } = useParams();
  const loaded = useLoaded(sandbox);
  const read = useSegment(sandbox, segment, loaded.data?.items.some(isMoving));
  return (
    <DetailPage
      resource={read}
      title={(value) => value?.name ?? segment}
      above={[{ text: t('segments.title'), href: inSandbox(sandbox, 'segments') }]}
      actions={(value, etag) => value.origin === 'own' && <Actions segment={value} etag={etag} />}
    >
      {(value) => (
        <>
          <Lost segment={value} />
          <Overview segment={value} />
          {value.expression && <Composition segment={value} />}
          <Identities segment={value} />
          <SegmentLabels segment={value} />
          <UsedBy segment={value} />
          {kindOf(value) === 'own' && <History segment={value} loaded={loaded} />}
          <Members segment={value} />
        </>
      )}
    </DetailPage>
  );
}

function Actions({ segment, etag }: { segment: Segment; etag: string | null }) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [isDeleting, setDeleting] = useState(false);
  const { segmentId } = segment;
  return (
    <>
      <GuardedButton permission="segments:write" onClick={() => setDeleting(true)}>
        {t('segments.delete')}
      </GuardedButton>
      <GuardedButton
        permission="segments:write"
        onClick={() => void navigate(inSandbox(sandbox, 'segments', segmentId, 'edit'))}
      >
        {t('segments.edit')}
      </GuardedButton>
      {kindOf(segment) === 'own' && (
        <GuardedButton
          permission="segments:write"
          variant="primary"
          onClick={() => void navigate(`${inSandbox(sandbox, 'segments/uploads/create')}?segment=${segmentId}`)}
        >
          {t('segments.upload.create')}
        </GuardedButton>
      )}
      {isDeleting && <DeleteSegment segment={segment} etag={etag} onClose={() => setDeleting(false)} />}
    </>
  );
}

function Lost({ segment: { lostSegmentIds = [] } }: { segment: Segment }) {
  const t = useT();
  const sandbox = useSandbox();
  if (lostSegmentIds.length === 0) return null;
  return (
    <Alert type="warning" header={t('segments.lost')}>
      {t('segments.lost.detail')}{' '}
      {lostSegmentIds.map((id) => (
        <RouteLink key={id} href={inSandbox(sandbox, 'segments', id)}>
          {id}
        </RouteLink>
      ))}
    </Alert>
  );
}

function Overview({ segment }: { segment: Segment }) {
  const t = useT();
  const sandbox = useSandbox();
  const { counts } = segment;
  const kind = kindOf(segment);
  const isUncounted = kind === 'composed' && counts.peopleAsOf === null;
  const received = segment.receivedFeedId && [
    {
      label: t('segments.receivedFeed'),
      value: <NameOrId id={segment.receivedFeedId} href={placeOf(sandbox, segment.receivedFeedId) ?? ''} />,
    },
    { label: t('segments.integrationCode'), value: <CopyId value={segment.integrationCode ?? ''} /> },
    {
      label: t('segments.dataSource'),
      value: segment.dataSource ? (
        <NameOrId
          name={segment.dataSource.name}
          id={segment.dataSource.dataSourceId}
          href={placeOf(sandbox, segment.dataSource.dataSourceId) ?? ''}
        />
      ) : (
        t('common.none')
      ),
    },
    { label: t('segments.folder'), value: <Written>{segment.folder ?? ''}</Written> },
    { label: t('segments.rule'), value: <Written>{segment.segmentRule ?? ''}</Written> },
    { label: t('segments.mergeRule'), value: <Written>{segment.profileMergeRule ?? ''}</Written> },
  ];
  const people =
    counts.people === null && (kind === 'received' || isUncounted || counts.identities > 0)
      ? t('segments.people.uncounted')
      : null;
  return (
    <Container header={<Header variant="h2">{t('segments.overview')}</Header>}>
      <KeyValues
        columns={4}
        items={[
          { label: t('segments.people'), value: people ?? <Count value={counts.people} /> },
          {
            label: t('segments.identities'),
            value: isUncounted ? t('segments.people.uncounted') : <Count value={counts.identities} />,
          },
          { label: t('segments.origin'), value: <Badge>{t(`segments.kind.${kind}`)}</Badge> },
          { label: t('segments.updatedAt'), value: <Time at={segment.updatedAt} /> },
          { label: t('segments.id'), value: <CopyId value={segment.segmentId} /> },
          {
            label: t('segments.externalId'),
            value: segment.externalId ? (
              <CopyId value={segment.externalId} label={t('segments.externalId')} />
            ) : (
              t('common.none')
            ),
          },
          ...(segment.restrictedMarketingActions?.length
            ? [{ label: t('segments.restricted'), value: <Labels labels={segment.restrictedMarketingActions} /> }]
            : []),
          ...(received || []),
          ...(segment.description
            ? [
                {
                  label: t('segments.description'),
                  value: (
                    <span dir="auto" className="breaks">
                      {segment.description}
                    </span>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Container>
  );
}

function Composition({ segment }: { segment: Segment }) {
  const t = useT();
  const names = useSegmentNames(useSandbox());
  return (
    <Container
      header={
        <Header variant="h2" description={t('segments.expression.live')}>
          {t('segments.expression.title')}
        </Header>
      }
    >
      <ExpressionText expression={segment.expression ?? ''} names={names} areLinks />
    </Container>
  );
}
