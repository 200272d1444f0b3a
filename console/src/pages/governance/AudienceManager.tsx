import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import TreeView from '@cloudscape-design/components/tree-view';
import { useState } from 'react';
import { useSandbox } from '../../api/me';
import { NameOrId, Written } from '../../components/NameOrId';
import { ProblemAlert } from '../../components/ProblemAlert';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { useT } from '../../i18n/messages';
import { placeOf } from '../../paths';
import { GovernancePage } from './GovernancePage';
import { type Signal, type Trait, useFolders, useSignals, useTraits } from './queries';

export default function AudienceManager() {
  const t = useT();
  return (
    <GovernancePage tab="audience-manager">
      <div className="stack">
        <Box color="text-body-secondary">{t('governance.aam.description')}</Box>
        <Folders />
        <Traits />
        <Signals />
      </div>
    </GovernancePage>
  );
}

interface Node {
  id: string;
  name: string;
  count: number;
  children: Node[];
}

function Folders() {
  const t = useT();
  const sandbox = useSandbox();
  const traits = useFolders(sandbox, 'trait-folders');
  const segments = useFolders(sandbox, 'segment-folders');
  const [opened, setOpened] = useState<readonly string[]>(['traits', 'segments']);
  const error = traits.error ?? segments.error;
  const nodeOf = (id: 'traits' | 'segments', read: typeof traits): Node => {
    const children = (read.data?.value.items ?? []).map(({ name, count }) => ({
      id: `${id} ${name}`,
      name,
      count,
      children: [],
    }));
    const count = children.reduce((sum, folder) => sum + folder.count, 0);
    return { id, name: t(`governance.aam.folders.${id}`), count, children };
  };
  return (
    <Container
      header={
        <Header variant="h2" description={t('governance.aam.folders.detail')}>
          {t('governance.aam.folders')}
        </Header>
      }
    >
      <ProblemAlert error={error} />
      {!error && (
        <TreeView<Node>
          ariaLabel={t('governance.aam.folders')}
          items={[nodeOf('traits', traits), nodeOf('segments', segments)]}
          getItemId={({ id }) => id}
          getItemChildren={({ children }) => children}
          expandedItems={opened}
          onItemToggle={({ detail }) =>
            setOpened(detail.expanded ? [...opened, detail.id] : opened.filter((id) => id !== detail.id))
          }
          renderItem={({ name, count }) => ({
            icon: undefined,
            content: <Written>{t('governance.aam.folders.count', { name, count })}</Written>,
          })}
        />
      )}
    </Container>
  );
}

function Traits() {
  const t = useT();
  const sandbox = useSandbox();
  const linked = (id: string, name?: string) => (
    <NameOrId name={name} id={id} href={placeOf(sandbox, id) ?? undefined} />
  );
  const columns: Column<Trait>[] = [
    {
      id: 'name',
      header: t('governance.aam.trait'),
      cell: ({ name }) => <Written>{name}</Written>,
      value: ({ name }) => name,
      isRowHeader: true,
      width: 220,
    },
    {
      id: 'type',
      header: t('governance.aam.type'),
      cell: ({ traitType }) => t(`governance.aam.type.${traitType ?? 'onboarded'}`),
      width: 130,
    },
    {
      id: 'source',
      header: t('governance.aam.source'),
      cell: ({ dataSource }) => linked(dataSource.dataSourceId, dataSource.name),
      value: ({ dataSource }) => dataSource.name,
      width: 230,
    },
    {
      id: 'code',
      header: t('governance.aam.code'),
      cell: ({ integrationCode }) => <Written>{integrationCode}</Written>,
      value: ({ integrationCode }) => integrationCode,
      width: 200,
    },
    {
      id: 'expression',
      header: t('governance.aam.expression'),
      cell: ({ traitExpression }) => <Box variant="code">{traitExpression}</Box>,
      value: ({ traitExpression }) => traitExpression,
      width: 250,
    },
    {
      id: 'segments',
      header: t('governance.aam.segments'),
      cell: ({ segments }) => (
        <ul className="plain">
          {segments.map(({ segmentId, name }) => (
            <li key={segmentId}>{linked(segmentId, name)}</li>
          ))}
        </ul>
      ),
      value: ({ segments }) => segments.map(({ name }) => name).join(' '),
      width: 220,
    },
    {
      id: 'folder',
      header: t('governance.aam.folder'),
      cell: ({ folder }) => <Written>{folder}</Written>,
      value: ({ folder }) => folder,
      isHidden: true,
    },
    {
      id: 'feed',
      header: t('governance.aam.feed'),
      cell: ({ receivedFeedId, receivedFeedName }) => linked(receivedFeedId, receivedFeedName),
      value: ({ receivedFeedName }) => receivedFeedName,
      isHidden: true,
    },
  ];
  return (
    <ResourceTable
      name="traits"
      title={t('governance.aam.traits')}
      list={useTraits(sandbox)}
      columns={columns}
      idOf={({ traitId }) => traitId}
      empty={{ title: t('governance.aam.traits.empty'), detail: t('governance.aam.traits.empty.detail') }}
    />
  );
}

function Signals() {
  const t = useT();
  const sandbox = useSandbox();
  const columns: Column<Signal>[] = [
    {
      id: 'expression',
      header: t('governance.aam.signal'),
      cell: ({ expression }) => <Box variant="code">{expression}</Box>,
      value: ({ expression }) => expression,
      isRowHeader: true,
      width: 360,
    },
    {
      id: 'segment',
      header: t('governance.aam.segment'),
      cell: ({ segmentId, segmentName }) => (
        <NameOrId name={segmentName} id={segmentId} href={placeOf(sandbox, segmentId) ?? undefined} />
      ),
      value: ({ segmentName }) => segmentName,
      width: 300,
    },
    {
      id: 'feed',
      header: t('governance.aam.feed'),
      cell: ({ receivedFeedId, receivedFeedName }) => (
        <NameOrId name={receivedFeedName} id={receivedFeedId} href={placeOf(sandbox, receivedFeedId) ?? undefined} />
      ),
      value: ({ receivedFeedName }) => receivedFeedName,
      width: 320,
    },
  ];
  return (
    <ResourceTable
      name="signals"
      title={t('governance.aam.signals')}
      description={t('governance.aam.signals.description')}
      list={useSignals(sandbox)}
      columns={columns}
      idOf={({ segmentId }) => segmentId}
      empty={{ title: t('governance.aam.signals.empty'), detail: t('governance.aam.signals.empty.detail') }}
    />
  );
}
