import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { Schemas } from 'handfast-client';
import { useT } from '../../i18n/messages';

/** That somebody was told is no success yet: it is waited for. */
const SIGNS: Record<Schemas['ConnectorStatus'], StatusIndicatorProps.Type> = {
  pending: 'pending',
  sent: 'in-progress',
  confirmed: 'success',
  absent: 'info',
  not_supported: 'warning',
  refused: 'error',
  failed: 'error',
  superseded: 'stopped',
};

interface Props {
  status: Schemas['ConnectorStatus'];
  /** Which part of a system says so. */
  name?: string;
}

/** What a recipient or a system outside has said. */
export function Said({ status, name }: Props) {
  const t = useT();
  const said = t(`privacy.said.${status}`);
  return (
    <StatusIndicator type={SIGNS[status]}>
      {name === undefined ? (
        said
      ) : (
        <>
          <span dir="auto">{name}</span>: {said}
        </>
      )}
    </StatusIndicator>
  );
}
