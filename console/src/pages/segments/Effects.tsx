import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Schemas } from 'handfast-client';
import { useSandbox } from '../../api/me';
import { NameOrId } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { placeOf } from '../../paths';
import { useSegmentNames } from './queries';

/** What a change of labels or of the expression would stop, and what it would take up again. */
export function Effects({ found }: { found: Schemas['RulesPreview'] }) {
  const t = useT();
  const sandbox = useSandbox();
  const names = useSegmentNames(sandbox);
  if (found.segments.length === 0 && found.dataflows.length === 0)
    return <StatusIndicator type="success">{t('segments.effects.none')}</StatusIndicator>;
  return (
    <SpaceBetween size="m">
      {found.segments.length > 0 && (
        <div>
          <Box variant="p">{t('segments.effects.forbidden')}</Box>
          <ul>
            {found.segments.map(({ segmentId, violations }) => (
              <li key={segmentId}>
                <NameOrId name={names.get(segmentId) ?? null} id={segmentId} />
                <ul>
                  {violations.map(({ policy, policyName, label }) => (
                    <li key={`${policy} ${label}`} dir="auto">
                      {t('segments.effects.violation', { policy: policyName, label })}
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        </div>
      )}
      {found.dataflows.length > 0 && (
        <div>
          <Box variant="p">{t('segments.effects.dataflows')}</Box>
          <ul>
            {found.dataflows.map((flow) => (
              <li key={flow.dataflowId}>
                <NameOrId id={flow.dataflowId} href={placeOf(sandbox, flow.dataflowId) ?? ''} />{' '}
                {flow.segmentIds.length > 0 &&
                  t('segments.effects.stops', { segments: flow.segmentIds.length, members: flow.members })}{' '}
                {flow.resumedSegmentIds.length > 0 &&
                  t('segments.effects.resumes', { segments: flow.resumedSegmentIds.length, members: flow.resumed })}
              </li>
            ))}
          </ul>
        </div>
      )}
    </SpaceBetween>
  );
}
