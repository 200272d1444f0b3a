import { useT } from '../../i18n/messages';
import { type Dataflow, isToDestination } from './queries';

export type Kind = 'destination' | 'toPartner' | 'fromPartner';

export const kindOf = (flow: Dataflow): Kind => {
  if (isToDestination(flow)) return 'destination';
  return flow.direction === 'outgoing' ? 'toPartner' : 'fromPartner';
};

/** Whom a dataflow is with: the destination, or the partner. */
export const otherSideOf = (flow: Dataflow): string =>
  isToDestination(flow) ? flow.destinationName : `${flow.partner.organizationName} / ${flow.partner.sandboxName}`;

/** What a dataflow is called: `To Warehouse`. */
export function useDataflowTitle(): (flow: Dataflow) => string {
  const t = useT();
  return (flow) => t(`delivery.name.${kindOf(flow)}`, { name: otherSideOf(flow) });
}
