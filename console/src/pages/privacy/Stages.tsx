import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useIntl } from 'react-intl';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { isOpen } from './board';
import type { PrivacyRequest } from './queries';

type Stage = PrivacyRequest['stages'][number];

const SIGNS: Record<Stage['status'], StatusIndicatorProps.Type> = {
  pending: 'pending',
  running: 'in-progress',
  done: 'success',
  failed: 'error',
};
/** Counts that a stage tells; their words are `privacy.count.<name>`. */
const COUNTS = [
  'profiles',
  'identities',
  'connectors',
  'changed',
  'dataflows',
  'recipients',
  'confirmed',
  'absent',
  'sent',
  'pending',
  'failed',
  'refused',
  'not_supported',
  'values',
  'shared',
  'gaps',
];

/** The steps of the work, as they are done. */
export function Stages({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const hasBegun = request.stages.some(({ startedAt }) => startedAt);
  return (
    <Container
      header={
        <Header variant="h2" description={t('privacy.stages.description')}>
          {t('privacy.stages')}
        </Header>
      }
    >
      {!hasBegun && !isOpen(request) ? (
        t('privacy.stages.none')
      ) : (
        <ol className="plain stages" aria-live="polite">
          {request.stages.map((stage) => (
            <li key={stage.name} aria-current={stage.status === 'running' ? 'step' : undefined}>
              <StatusIndicator type={SIGNS[stage.status]}>
                <b>{t(`privacy.stage.${stage.name}`)}</b>
                <span className="sr"> {t(`privacy.stageStatus.${stage.status}`)}</span>
              </StatusIndicator>
              <div>
                <Box color="text-body-secondary">{t(`privacy.stage.${stage.name}.detail`)}</Box>
                <Found stage={stage} />
              </div>
              <div className="when">
                {(stage.endedAt ?? stage.startedAt) && <Time at={stage.endedAt ?? stage.startedAt} exact />}
              </div>
            </li>
          ))}
        </ol>
      )}
    </Container>
  );
}

/** What a stage has found or done, in counts; somebody's note in its words. */
function Found({ stage }: { stage: Stage }) {
  const t = useT();
  const intl = useIntl();
  const counts = COUNTS.flatMap((name) => {
    const count = stage.detail[name];
    return typeof count === 'number' ? [`${t(`privacy.count.${name}`)}: ${intl.formatNumber(count)}`] : [];
  });
  const { note, withheld } = stage.detail;
  if (Array.isArray(withheld)) counts.push(`${t('privacy.count.withheld')}: ${intl.formatNumber(withheld.length)}`);
  return (
    <>
      {counts.length > 0 && <div>{counts.join(' · ')}</div>}
      {typeof note === 'string' && (
        <div dir="auto" className="breaks">
          {note}
        </div>
      )}
    </>
  );
}
