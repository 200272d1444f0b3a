import './page.css';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf } from 'handfast-client';
import { useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { Count } from '../../components/Count';
import { DetailPage } from '../../components/DetailPage';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { ProblemAlert } from '../../components/ProblemAlert';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { type DropList, useDropList } from './queries';
import { listOf } from './Recipients';

const OUTCOMES = ['deleted', 'optedOut', 'exempted', 'notFound', 'open', 'withdrawn', 'notCompared'] as const;

export default function DropListDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { list: id = '' } = useParams();
  return (
    <DetailPage
      resource={useDropList(sandbox, id)}
      title={(list) => list?.fileName || id}
      above={[
        { text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') },
        { text: t('privacy.drop'), href: inSandbox(sandbox, 'privacy/drop-lists') },
      ]}
    >
      {(list) => (
        <>
          {list.error && (
            <Alert type="error" header={t('privacy.drop.error')}>
              <span dir="auto">{list.error.detail}</span>
            </Alert>
          )}
          {list.overdue && <Alert type="error">{t('privacy.drop.overdue')}</Alert>}
          <Container header={<Header variant="h2">{t('privacy.overview')}</Header>}>
            <KeyValues
              items={[
                { label: t('privacy.status'), value: <StatusBadge status={list.status} /> },
                { label: t('privacy.received'), value: <Time at={list.receivedAt} exact /> },
                { label: t('privacy.due'), value: <Time at={list.dueAt} exact /> },
                { label: t('privacy.drop.answered'), value: <Time at={list.answeredAt} exact /> },
                ...OUTCOMES.map((name) => ({
                  label: t(`privacy.drop.${name}`),
                  value: <Count value={list.outcomes[name] ?? 0} />,
                })),
              ]}
            />
          </Container>
          <Files list={list} />
          <Answers list={list} />
        </>
      )}
    </DetailPage>
  );
}

function Files({ list }: { list: DropList }) {
  const t = useT();
  type File = DropList['files'][number];
  const columns: Column<File>[] = [
    {
      id: 'name',
      header: t('privacy.drop.file'),
      cell: ({ fileName }) => fileName,
      value: ({ fileName }) => fileName,
      isRowHeader: true,
      width: 320,
    },
    {
      id: 'lines',
      header: t('privacy.drop.lines'),
      cell: ({ lines }) => <Count value={lines} />,
      value: ({ lines }) => lines,
    },
    {
      id: 'matched',
      header: t('privacy.drop.matched'),
      cell: ({ matched }) => <Count value={matched} />,
      value: ({ matched }) => matched,
    },
    {
      id: 'compared',
      header: t('privacy.drop.compared'),
      cell: ({ compared }) => t(compared ? 'privacy.yes' : 'privacy.no'),
      width: 200,
    },
  ];
  return (
    <ResourceTable
      name="privacy-drop-files"
      title={t('privacy.drop.files')}
      list={listOf(list.files)}
      columns={columns}
      idOf={({ fileName }) => fileName}
      empty={{ title: t('privacy.drop.files.empty') }}
    />
  );
}

/** Links to the status files that DROP is answered with. */
function Answers({ list }: { list: DropList }) {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const read = useAction((_: undefined) =>
    bodyOf(
      api.GET('/sandboxes/{sandbox}/drop-lists/{drop_list}/status', {
        params: { path: { sandbox, drop_list: list.dropListId } },
      }),
    ),
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('privacy.drop.answers.description')}
          actions={
            <GuardedButton permission="privacy:read" loading={read.isPending} onClick={() => read.mutate(undefined)}>
              {t('privacy.drop.answers.get')}
            </GuardedButton>
          }
        >
          {t('privacy.drop.answers')}
        </Header>
      }
    >
      <SpaceBetween size="s">
        <ProblemAlert error={read.error} />
        {read.data && !read.data.complete && <Alert type="warning">{t('privacy.drop.answers.open')}</Alert>}
        {read.data?.items.map(({ fileName, url }) => (
          <Link key={fileName} href={url} external>
            {fileName}
          </Link>
        ))}
        {!read.data && !read.error && <Box color="text-body-secondary">{t('privacy.drop.answers.links')}</Box>}
      </SpaceBetween>
    </Container>
  );
}
