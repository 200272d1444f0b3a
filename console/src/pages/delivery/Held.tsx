import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import type { Schemas } from 'handfast-client';
import { useSandbox } from '../../api/me';
import { isExclusion, useExclusionName } from '../../components/exclusions';
import { useT } from '../../i18n/messages';
import { useSegmentNames } from './queries';

type HeldSegment = Schemas['HeldView'];

/** The segments of which nothing new passes, and why. */
export function Held({ held, isSource }: { held: readonly HeldSegment[]; isSource: boolean }) {
  const t = useT();
  return (
    <Container
      header={
        <Header variant="h2" description={t(isSource ? 'delivery.held.source' : 'delivery.held.target')}>
          {t('delivery.held')}
        </Header>
      }
    >
      <HeldList held={held} />
    </Container>
  );
}

export function HeldList({ held }: { held: readonly HeldSegment[] }) {
  const t = useT();
  const exclusion = useExclusionName();
  const nameOf = useSegmentNames(useSandbox());
  return (
    <ul className="plain stack">
      {held.map(({ segmentId, namespace, reason }) => (
        <li key={`${segmentId} ${namespace} ${reason}`}>
          <span dir="auto" className="breaks">
            <strong>{nameOf(segmentId)}</strong>
          </span>{' '}
          ({namespace}): {exclusion(reason)}
          {isExclusion(reason) && <Box color="text-body-secondary">{t(`delivery.todo.${reason}`)}</Box>}
        </li>
      ))}
    </ul>
  );
}
