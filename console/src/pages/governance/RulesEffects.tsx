import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useSandbox } from '../../api/me';
import { NameOrId } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { placeOf } from '../../paths';
import { type Effects, useSegments } from './queries';
import { useWords } from './words';

/** What a change of rules would stop, and what would go on: the answer to its dry run. */
export function RulesEffects({ found: { segments, dataflows } }: { found: Effects }) {
  const t = useT();
  const { action } = useWords();
  if (segments.length + dataflows.length === 0)
    return <StatusIndicator type="info">{t('governance.effects.none')}</StatusIndicator>;
  return (
    <div className="stack">
      {segments.length > 0 && (
        <div>
          <Box variant="h3">{t('governance.effects.segments')}</Box>
          <ul className="plain">
            {segments.map(({ segmentId, violations }) => (
              <li key={segmentId}>
                <SegmentName segment={segmentId} />
                {' – '}
                {[
                  ...new Set(
                    violations.map(({ label, marketingAction }) =>
                      label
                        ? t('governance.effects.because', { label, action: action(marketingAction) })
                        : t('governance.effects.because.policy', { action: action(marketingAction) }),
                    ),
                  ),
                ].join('; ')}
              </li>
            ))}
          </ul>
        </div>
      )}
      {dataflows.length > 0 && (
        <div>
          <Box variant="h3">{t('governance.effects.dataflows')}</Box>
          <div className="stack">
            {dataflows.map((dataflow) => (
              <Dataflow key={dataflow.dataflowId} dataflow={dataflow} />
            ))}
          </div>
          <Box variant="p" color="text-body-secondary">
            {t('governance.effects.leave')}
          </Box>
        </div>
      )}
    </div>
  );
}

function Dataflow({ dataflow }: { dataflow: Effects['dataflows'][number] }) {
  const t = useT();
  const sandbox = useSandbox();
  const { dataflowId, name, segmentIds, resumedSegmentIds, members, resumed } = dataflow;
  const lines = [
    { key: 'stops', ids: segmentIds, count: members },
    { key: 'resumes', ids: resumedSegmentIds, count: resumed },
  ] as const;
  return (
    <div>
      {t('governance.effects.dataflow')}{' '}
      <NameOrId name={name} id={dataflowId} href={placeOf(sandbox, dataflowId) ?? undefined} />
      <ul className="plain">
        {lines
          .filter(({ ids }) => ids.length > 0)
          .map(({ key, ids, count }) => (
            <li key={key}>
              <StatusIndicator type={key === 'stops' ? 'stopped' : 'success'}>
                {t(`governance.effects.${key}`)}
              </StatusIndicator>{' '}
              {ids.map((id) => (
                <span key={id}>
                  <SegmentName segment={id} />{' '}
                </span>
              ))}
              ({t('governance.effects.members', { count })})
            </li>
          ))}
      </ul>
    </div>
  );
}

function SegmentName({ segment }: { segment: string }) {
  const sandbox = useSandbox();
  const name = useSegments(sandbox).data?.items.find(({ segmentId }) => segmentId === segment)?.name;
  return <NameOrId name={name} id={segment} href={placeOf(sandbox, segment) ?? undefined} />;
}
