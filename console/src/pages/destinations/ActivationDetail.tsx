import Box from '@cloudscape-design/components/box';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import { bodyOf, ifMatch, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useIntl } from 'react-intl';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { rows } from '../../components/rows';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { useFollow } from '../../layout/follow';
import { inSandbox, placeOf } from '../../paths';
import { EndDialog } from './EndDialog';
import { type Activation, destinationsKey, useActivation, useDestination, useSegmentNames } from './queries';

export default function ActivationDetail() {
  const t = useT();
  const follow = useFollow();
  const sandbox = useSandbox();
  const { destination = '', activation = '' } = useParams();
  const read = useActivation(sandbox, destination, activation);
  const name = useDestination(sandbox, destination).data?.value.name;
  return (
    <DetailPage
      resource={read}
      title={() => t('destinations.activation.of', { name: name ?? destination })}
      above={[
        { text: t('destinations.title'), href: inSandbox(sandbox, 'destinations') },
        { text: name ?? destination, href: inSandbox(sandbox, 'destinations', destination) },
      ]}
      actions={(value, etag) => <Actions activation={value} etag={etag} />}
    >
      {(value) => (
        <>
          <Container header={<Header variant="h2">{t('destinations.overview')}</Header>}>
            <KeyValues
              items={[
                { label: t('destinations.status'), value: <StatusBadge status={value.status} /> },
                {
                  label: t('destinations.dataflow'),
                  value: (
                    <Link href={inSandbox(sandbox, 'delivery', value.dataflowId)} onFollow={follow}>
                      {t('destinations.dataflow.show')}
                    </Link>
                  ),
                },
                { label: t('destinations.activation.id'), value: <CopyId value={value.activationId} /> },
                { label: t('destinations.createdAt'), value: <Time at={value.createdAt} /> },
                { label: t('destinations.updatedAt'), value: <Time at={value.updatedAt} /> },
                { label: t('destinations.backfillAskedAt'), value: <Time at={value.backfillAskedAt} /> },
              ]}
            />
          </Container>
          <SegmentTable segments={value.segments} />
          <Container header={<Header variant="h2">{t('destinations.mapping')}</Header>}>
            <KeyValues
              items={value.mapping.map(({ source, target, applyTransformation }) => ({
                label: source,
                value: applyTransformation ? t('destinations.mapping.hashed', { target }) : <Written>{target}</Written>,
              }))}
            />
          </Container>
          <Container header={<Header variant="h2">{t('destinations.attributes')}</Header>}>
            {value.attributes.length === 0 ? (
              <Box color="text-body-secondary">{t('destinations.attributes.none')}</Box>
            ) : (
              <KeyValues
                items={value.attributes.map(({ source, target }) => ({
                  label: source,
                  value: <Written>{target}</Written>,
                }))}
              />
            )}
          </Container>
        </>
      )}
    </DetailPage>
  );
}

type ActivatedSegment = Schemas['ActivatedSegmentView'];

function SegmentTable({ segments }: { segments: ActivatedSegment[] }) {
  const t = useT();
  const intl = useIntl();
  const sandbox = useSandbox();
  const nameOf = useSegmentNames(sandbox);
  // A day of the sandbox's, which no time zone of the person's moves.
  const day = (date: string | null) =>
    date ? intl.formatDate(`${date}T00:00:00Z`, { dateStyle: 'medium', timeZone: 'UTC' }) : t('common.none');
  const columns: Column<ActivatedSegment>[] = [
    {
      id: 'name',
      header: t('destinations.segment'),
      cell: ({ segmentId }) => (
        <NameOrId name={nameOf(segmentId)} id={segmentId} href={placeOf(sandbox, segmentId) ?? '/'} />
      ),
      value: ({ segmentId }) => nameOf(segmentId),
      isRowHeader: true,
      width: 340,
    },
    {
      id: 'mappingId',
      header: t('destinations.mappingId'),
      cell: ({ mappingId }) => <Written>{mappingId ?? t('common.none')}</Written>,
      value: ({ mappingId }) => mappingId,
      width: 240,
    },
    {
      id: 'startDate',
      header: t('destinations.startDate'),
      cell: ({ startDate }) => day(startDate),
      value: ({ startDate }) => startDate,
      width: 150,
    },
    {
      id: 'endDate',
      header: t('destinations.endDate'),
      cell: ({ endDate }) => day(endDate),
      value: ({ endDate }) => endDate,
      width: 150,
    },
  ];
  return (
    <ResourceTable
      name="activated-segments"
      title={t('destinations.segments')}
      list={rows(segments)}
      columns={columns}
      idOf={({ segmentId }) => segmentId}
      empty={{ title: t('common.none') }}
    />
  );
}

function Actions({ activation, etag }: { activation: Activation; etag: string | null }) {
  const t = useT();
  const api = useApi();
  const can = useCan();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [asking, setAsking] = useState<'backfill' | 'deactivate' | null>(null);
  const { destinationId: destination, activationId, dataflowId } = activation;
  const deactivate = useAction(
    (members: Schemas['Members']) =>
      bodyOf(
        api.DELETE('/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}', {
          params: { path: { sandbox, destination, activation: activationId }, query: { members } },
          headers: ifMatch(etag),
        }),
      ),
    { invalidates: [destinationsKey(sandbox)] },
  );
  const backfill = useAction(
    (_: undefined, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/dataflows/{dataflow}/backfill', {
          params: { path: { sandbox, dataflow: dataflowId } },
          headers: once,
        }),
      ),
    { invalidates: [destinationsKey(sandbox)] },
  );
  const isEnding = activation.status === 'ending';
  const close = () => setAsking(null);
  return (
    <>
      <ButtonDropdown
        disabled={!can('destinations:activate') || isEnding}
        items={[
          { id: 'backfill', text: t('destinations.backfill') },
          { id: 'deactivate', text: t('destinations.deactivate') },
        ]}
        onItemClick={({ detail }) => setAsking(detail.id as 'backfill' | 'deactivate')}
      >
        {t('destinations.actions')}
      </ButtonDropdown>
      <GuardedButton
        permission="destinations:activate"
        disabled={isEnding}
        onClick={() =>
          void navigate(inSandbox(sandbox, 'destinations', destination, 'activations', activationId, 'edit'))
        }
      >
        {t('destinations.activation.edit')}
      </GuardedButton>
      {asking === 'backfill' && (
        <ConfirmDialog
          title={t('destinations.backfill.title')}
          confirm={t('destinations.backfill')}
          onConfirm={async () => {
            await backfill.mutateAsync();
            flash.success(t('destinations.backfill.asked'));
          }}
          onClose={close}
        >
          {t('destinations.backfill.detail')}
        </ConfirmDialog>
      )}
      {asking === 'deactivate' && (
        <EndDialog
          title={t('destinations.deactivate.title')}
          confirm={t('destinations.deactivate')}
          detail={t('destinations.deactivate.detail', { count: activation.segments.length })}
          onConfirm={async (members) => {
            await deactivate.mutateAsync(members);
            flash.success(t('destinations.deactivated'));
            void navigate(inSandbox(sandbox, 'destinations', destination));
          }}
          onClose={close}
        />
      )}
    </>
  );
}
