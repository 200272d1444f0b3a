import Badge from '@cloudscape-design/components/badge';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { GuardedButton } from '../../components/Guarded';
import { Labels } from '../../components/Labels';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, type Filter, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { KINDS, kindOf, labelsOf } from './kinds';
import { type Segment, useSegments } from './queries';

export default function SegmentList() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = useSegments(sandbox);
  const title = t('segments.title');
  usePage({ title, breadcrumbs: [{ text: title }], contentType: 'table' });
  const go = (...parts: string[]) => void navigate(inSandbox(sandbox, 'segments', ...parts));
  const items = list.data?.items ?? [];
  const columns: Column<Segment>[] = [
    {
      id: 'name',
      header: t('segments.name'),
      cell: ({ name, segmentId }) => (
        <NameOrId name={name} id={segmentId} href={inSandbox(sandbox, 'segments', segmentId)} />
      ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 320,
    },
    {
      id: 'kind',
      header: t('segments.origin'),
      cell: (segment) => <Badge color={BADGES[kindOf(segment)]}>{t(`segments.kind.${kindOf(segment)}`)}</Badge>,
      value: (segment) => t(`segments.kind.${kindOf(segment)}`),
      width: 130,
    },
    {
      id: 'people',
      header: t('segments.people'),
      cell: ({ counts }) => <Count value={counts.people} />,
      value: ({ counts }) => counts.people ?? -1,
      width: 120,
    },
    {
      id: 'identities',
      header: t('segments.identities'),
      cell: ({ counts, ...segment }) => (
        <Count value={kindOf(segment) === 'composed' && !counts.peopleAsOf ? null : counts.identities} />
      ),
      value: ({ counts }) => counts.identities,
      width: 140,
    },
    {
      id: 'labels',
      header: t('segments.labels'),
      cell: (segment) => <Labels labels={labelsOf(segment)} />,
      value: (segment) => labelsOf(segment).join(' '),
      width: 220,
    },
    {
      id: 'folder',
      header: t('segments.folder'),
      cell: ({ folder }) => (folder ? <Written>{folder}</Written> : t('common.none')),
      value: ({ folder }) => folder,
      isHidden: !items.some(({ folder }) => folder),
      width: 220,
    },
    {
      id: 'updatedAt',
      header: t('segments.updatedAt'),
      cell: ({ updatedAt }) => <Time at={updatedAt} />,
      value: ({ updatedAt }) => updatedAt,
      width: 150,
    },
    {
      id: 'externalId',
      header: t('segments.externalId'),
      cell: ({ externalId }) => (externalId ? <Written>{externalId}</Written> : t('common.none')),
      value: ({ externalId }) => externalId,
      isHidden: true,
    },
    {
      id: 'id',
      header: t('segments.id'),
      cell: ({ segmentId }) => segmentId,
      value: ({ segmentId }) => segmentId,
      isHidden: true,
    },
  ];
  const filters: Filter<Segment>[] = [
    {
      id: 'kind',
      label: t('segments.origin'),
      value: kindOf,
      options: KINDS.map((value) => ({ value, label: t(`segments.kind.${value}`) })),
    },
    { id: 'label', label: t('segments.label'), value: labelsOf, options: optionsOf(items.flatMap(labelsOf)) },
    {
      id: 'folder',
      label: t('segments.folder'),
      value: ({ folder }) => folder ?? '',
      options: optionsOf(items.flatMap(({ folder }) => folder ?? [])),
    },
  ];
  return (
    <ResourceTable
      name="segments"
      variant="full-page"
      title={title}
      description={t('segments.list.description')}
      list={list}
      columns={columns}
      idOf={({ segmentId }) => segmentId}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => go('uploads')}>{t('segments.uploads')}</Button>
          <GuardedButton permission="segments:write" onClick={() => go('uploads', 'create')}>
            {t('segments.upload.create')}
          </GuardedButton>
          <GuardedButton permission="segments:write" variant="primary" onClick={() => go('create')}>
            {t('segments.create')}
          </GuardedButton>
        </SpaceBetween>
      }
      empty={{ title: t('segments.empty'), detail: t('segments.empty.detail') }}
      filters={filters.filter(({ options }) => options.length > 0)}
      sortBy={{ column: 'updatedAt', isDescending: true }}
    />
  );
}

const BADGES = { own: 'grey', composed: 'blue', received: 'green' } as const;

/** A choice for each value that is there. */
function optionsOf(values: string[]) {
  const sorted = [...new Set(values)].sort((one, other) => one.localeCompare(other, undefined, { numeric: true }));
  return sorted.map((value) => ({ value, label: value }));
}
