import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useIntl } from 'react-intl';
import { Count } from '../../../components/Count';
import { KeyValues } from '../../../components/KeyValues';
import { useT } from '../../../i18n/messages';
import { idOf, type Loaded, useReference } from '../queries';

/** How many rows came to what. */
export function Counts({ upload: { counts } }: { upload: Loaded }) {
  const t = useT();
  const shown = ['rows', 'accepted', 'rejected', 'people', 'repeated', 'realized', 'exited', 'replaced'] as const;
  return (
    <Container
      header={
        <Header variant="h2" description={t('segments.counts.description')}>
          {t('segments.counts')}
        </Header>
      }
    >
      <KeyValues
        columns={4}
        items={shown.map((name) => ({ label: t(`segments.counts.${name}`), value: <Count value={counts[name]} /> }))}
      />
    </Container>
  );
}

interface RejectsProps {
  counts: Pick<Loaded['counts'], 'rejectedByReason' | 'valuesRejected'>;
  description?: string;
  /** What leads to the list of them. */
  list?: Loaded;
}

/** Why rows and values were left out, and the list of them. */
export function Rejects({ counts, description, list }: RejectsProps) {
  const t = useT();
  const reasons = useReference('reasons').data?.value.items ?? [];
  const descriptionOf = (reason: string) => reasons.find(({ code, subject }) => code === reason && subject === 'value');
  const rows = [
    ...Object.entries(counts.rejectedByReason).map(([reason, count]) => ({ what: 'row', reason, count })),
    ...Object.entries(counts.valuesRejected).map(([reason, count]) => ({ what: 'value', reason, count })),
  ].sort((one, other) => other.count - one.count);
  return (
    <Table
      variant="container"
      wrapLines
      header={
        <Header
          variant="h2"
          description={description ?? t('segments.rejects.description')}
          actions={
            list?.rejectsUrl && (
              <Button iconName="download" href={list.rejectsUrl} download={`${idOf(list)}-rejects.csv`}>
                {t('segments.rejects.download')}
              </Button>
            )
          }
        >
          {t('segments.rejects')}
        </Header>
      }
      items={rows}
      trackBy={({ what, reason }) => `${what} ${reason}`}
      empty={t('segments.rejects.empty')}
      ariaLabels={{ tableLabel: t('segments.rejects') }}
      columnDefinitions={[
        {
          id: 'reason',
          header: t('segments.rejects.reason'),
          isRowHeader: true,
          cell: ({ reason }) => (
            <>
              {descriptionOf(reason)?.name ?? reason}
              <Box variant="small" color="text-body-secondary" display="block">
                {reason}
              </Box>
            </>
          ),
          width: 260,
        },
        {
          id: 'meaning',
          header: t('segments.rejects.meaning'),
          cell: ({ reason }) => descriptionOf(reason)?.description ?? t('common.none'),
        },
        {
          id: 'what',
          header: t('segments.rejects.what'),
          cell: ({ what }) => t(`segments.rejects.${what}`),
          width: 170,
        },
        { id: 'count', header: t('segments.rejects.count'), cell: ({ count }) => <Count value={count} />, width: 120 },
      ]}
    />
  );
}

/** What is odd about a column, though it refuses nothing. */
export function Warnings({ upload: { warnings } }: { upload: Pick<Loaded, 'warnings'> }) {
  const t = useT();
  return (
    <Table
      variant="container"
      wrapLines
      header={
        <Header variant="h2" description={t('segments.warnings.description')}>
          {t('segments.warnings')}
        </Header>
      }
      items={warnings}
      trackBy={({ column, code }) => `${column} ${code}`}
      ariaLabels={{ tableLabel: t('segments.warnings') }}
      columnDefinitions={[
        {
          id: 'column',
          header: t('segments.upload.column'),
          isRowHeader: true,
          cell: ({ column }) => (
            <span dir="auto" className="breaks">
              {column}
            </span>
          ),
          width: 240,
        },
        { id: 'detail', header: t('segments.warnings.detail'), cell: ({ detail }) => <span dir="auto">{detail}</span> },
        { id: 'todo', header: t('segments.warnings.todo'), cell: ({ code }) => <Todo code={code} /> },
      ]}
    />
  );
}

const TODOS: ReadonlySet<string> = new Set([
  'namespace_left_out',
  'another_namespace',
  'another_form',
  'digests_in_raw_column',
  'frequent_value',
]);

function Todo({ code }: { code: string }) {
  const t = useT();
  return <>{TODOS.has(code) ? t(`segments.warning.${code}`) : code}</>;
}

/** How many values look like what, the most frequent first. */
export function ShapeCounts({ shapes }: { shapes: Record<string, number> }) {
  const t = useT();
  const intl = useIntl();
  const counted = Object.entries(shapes).sort(([, one], [, other]) => other - one);
  return counted.map(([shape, count]) => `${t(`segments.shape.${shape}`)}: ${intl.formatNumber(count)}`).join(' · ');
}

/** What the values of the identity columns look like. */
export function Shapes({ upload: { counts } }: { upload: Loaded }) {
  const t = useT();
  const rows = Object.entries(counts.shapes).map(([column, shapes]) => ({ column, shapes }));
  return (
    <Table
      variant="container"
      wrapLines
      header={
        <Header variant="h2" description={t('segments.shapes.description')}>
          {t('segments.shapes')}
        </Header>
      }
      items={rows}
      trackBy={({ column }) => column}
      ariaLabels={{ tableLabel: t('segments.shapes') }}
      columnDefinitions={[
        {
          id: 'column',
          header: t('segments.upload.column'),
          isRowHeader: true,
          cell: ({ column }) => (
            <span dir="auto" className="breaks">
              {column}
            </span>
          ),
          width: 240,
        },
        {
          id: 'shapes',
          header: t('segments.shapes.values'),
          cell: ({ shapes }) => <ShapeCounts shapes={shapes} />,
        },
      ]}
    />
  );
}
