import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { NameOrId } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { placeOf } from '../../paths';
import type { Draft, Field } from './fields';
import type { Preview } from './queries';

/** What of the settings is now, and what it becomes. */
export function Changes({ before, after, fields }: { before: Draft; after: Draft; fields: readonly Field[] }) {
  const t = useT();
  return (
    <Table
      variant="embedded"
      wrapLines
      items={[...fields]}
      trackBy="name"
      ariaLabels={{ tableLabel: t('settings.save.title') }}
      columnDefinitions={[
        {
          id: 'name',
          header: t('settings.change.setting'),
          cell: ({ name }) => t(`settings.${name}`),
          isRowHeader: true,
        },
        {
          id: 'before',
          header: t('settings.change.before'),
          cell: (field) => <Typed field={field} value={before[field.name]} />,
        },
        {
          id: 'after',
          header: t('settings.change.after'),
          cell: (field) => <Typed field={field} value={after[field.name]} />,
        },
      ]}
    />
  );
}

/** A setting as it stands in the form. */
function Typed({ field: { name, kind }, value }: { field: Field; value: string | boolean | undefined }) {
  const t = useT();
  if (kind === 'toggle') return <>{t(value ? 'settings.on' : 'settings.off')}</>;
  if (!value) return <>{t('settings.none')}</>;
  if (kind === 'choice') return <>{t(`settings.${name}.${value}`)}</>;
  return (
    <span dir="auto" className="breaks">
      {kind === 'share' ? `${value} %` : kind === 'list' ? String(value).split('\n').join(', ') : value}
    </span>
  );
}

/** What a change would do to the dataflows out of the sandbox: the answer to its dry run. */
export function Effects({ found: { dataflows, guards } }: { found: Preview }) {
  const t = useT();
  if (dataflows.length + guards.length === 0)
    return <StatusIndicator type="info">{t('settings.effect.none')}</StatusIndicator>;
  return (
    <>
      {dataflows.length > 0 && <Consent dataflows={dataflows} />}
      {guards.length > 0 && <Guards guards={guards} />}
    </>
  );
}

function Consent({ dataflows }: Pick<Preview, 'dataflows'>) {
  const t = useT();
  return (
    <Table
      variant="embedded"
      items={dataflows}
      trackBy="dataflowId"
      ariaLabels={{ tableLabel: t('settings.effect.consent') }}
      header={
        <Header variant="h3" description={t('settings.effect.consent.detail')}>
          {t('settings.effect.consent')}
        </Header>
      }
      columnDefinitions={[
        {
          id: 'dataflow',
          header: t('settings.effect.dataflow'),
          cell: (dataflow) => <Dataflow {...dataflow} />,
          isRowHeader: true,
        },
        {
          id: 'joining',
          header: t('settings.effect.joining'),
          cell: ({ joining }) => (joining === null ? t('settings.effect.tooMany') : <Count value={joining} />),
        },
        {
          id: 'leaving',
          header: t('settings.effect.leaving'),
          cell: ({ leaving }) => (leaving === null ? t('settings.effect.tooMany') : <Count value={leaving} />),
        },
      ]}
    />
  );
}

function Guards({ guards }: Pick<Preview, 'guards'>) {
  const t = useT();
  return (
    <div>
      <Header variant="h3" description={t('settings.effect.guards.detail')}>
        {t('settings.effect.guards')}
      </Header>
      <div className="stack">
        {guards.map(({ dataflowId, name, holding, releasing, undecided }) => (
          <div key={dataflowId}>
            <Box variant="strong">
              <Dataflow dataflowId={dataflowId} name={name} />
            </Box>
            {undecided && <p>{t('settings.effect.undecided')}</p>}
            {holding.length > 0 && <Pairs title={t('settings.effect.holding')} pairs={holding} />}
            {releasing.length > 0 && <Pairs title={t('settings.effect.releasing')} pairs={releasing} />}
          </div>
        ))}
      </div>
    </div>
  );
}

function Pairs({ title, pairs }: { title: string; pairs: Preview['guards'][number]['holding'] }) {
  const sandbox = useSandbox();
  return (
    <>
      <Box variant="awsui-key-label">{title}</Box>
      <ul className="plain">
        {pairs.map(({ segmentId, segmentName, namespace, reason }) => (
          <li key={`${segmentId} ${namespace}`}>
            <NameOrId name={segmentName} id={segmentId} href={placeOf(sandbox, segmentId) ?? undefined} /> · {namespace}{' '}
            · {reason}
          </li>
        ))}
      </ul>
    </>
  );
}

function Dataflow({ dataflowId, name }: { dataflowId: string; name: string }) {
  const sandbox = useSandbox();
  return <NameOrId name={name} id={dataflowId} href={placeOf(sandbox, dataflowId) ?? undefined} />;
}
