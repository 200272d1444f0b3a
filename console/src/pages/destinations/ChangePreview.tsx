import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from 'handfast-client';
import { useSandbox } from '../../api/me';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useSegmentNames } from './queries';
import { Violations } from './Violations';

/** What a change of a destination would do: its dry run. */
export function ChangePreview({ preview }: { preview: Schemas['DestinationPreview'] }) {
  const t = useT();
  const nameOf = useSegmentNames(useSandbox());
  const { segments, activations, testNeeded, formerSecretsUntil } = preview;
  const moving = activations.filter(({ joining, leaving }) => joining !== 0 || leaving !== 0);
  return (
    <SpaceBetween size="m">
      {segments.length === 0 && moving.length === 0 && <Box>{t('destinations.preview.nobody')}</Box>}
      {segments.map(({ segmentId, violations }) => (
        <Alert key={segmentId} type="warning" header={<span dir="auto">{nameOf(segmentId)}</span>}>
          {t('destinations.preview.stopped')}
          <Violations violations={violations} />
        </Alert>
      ))}
      {moving.map(({ activationId, segmentIds, resumedSegmentIds, joining, leaving }) => (
        <div key={activationId}>
          <Box variant="strong">
            <span dir="auto" className="breaks">
              {[...segmentIds, ...resumedSegmentIds].map(nameOf).join(', ') || activationId}
            </span>
          </Box>
          <Box>
            {joining === null || leaving === null
              ? t('destinations.preview.tooMuch')
              : t('destinations.preview.counts', { joining, leaving })}
          </Box>
        </div>
      ))}
      {testNeeded && <Alert type="info">{t('destinations.preview.testNeeded')}</Alert>}
      {formerSecretsUntil && (
        <Box>
          {t('destinations.former')} <Time at={formerSecretsUntil} exact />
        </Box>
      )}
    </SpaceBetween>
  );
}
