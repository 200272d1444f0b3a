import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { bodyOf, ifMatch } from 'handfast-client';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { KeyValues } from '../../components/KeyValues';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type Connection, partnersKey } from './queries';

interface Props {
  connection: Connection;
  etag: string | null;
}

/** Whether each side lets the other estimate overlaps; this side's word can be changed. */
export function Estimates({ connection, etag }: Props) {
  const t = useT();
  const api = useApi();
  const can = useCan();
  const flash = useFlash();
  const sandbox = useSandbox();
  const isAllowed = can('connections:approve');
  const change = useAction(
    (allowsEstimates: boolean) =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/connections/{connection}', {
          params: { path: { sandbox, connection: connection.connectionId } },
          body: { allowsEstimates },
          headers: ifMatch(etag),
        }),
      ),
    { invalidates: [partnersKey(sandbox)] },
  );
  const shown = change.isPending ? change.variables : connection.allowsEstimates;
  return (
    <Container
      header={
        <Header variant="h2" description={t('partners.estimates.description')}>
          {t('partners.estimates')}
        </Header>
      }
    >
      <KeyValues
        columns={2}
        items={[
          {
            label: t('partners.estimates.ours'),
            value: (
              <Toggle
                checked={shown}
                disabled={!isAllowed || change.isPending}
                description={isAllowed ? undefined : t('guard.reason', { permission: 'connections:approve' })}
                onChange={({ detail }) =>
                  change.mutate(detail.checked, {
                    onSuccess: () =>
                      flash.success(t(detail.checked ? 'partners.estimates.given' : 'partners.estimates.taken')),
                    onError: flash.error,
                  })
                }
              >
                {t('partners.estimates.allow')}
              </Toggle>
            ),
          },
          {
            label: t('partners.estimates.theirs'),
            value: (
              <StatusIndicator type={connection.partnerAllowsEstimates ? 'success' : 'stopped'}>
                {t(connection.partnerAllowsEstimates ? 'partners.estimates.yes' : 'partners.estimates.no')}
              </StatusIndicator>
            ),
          },
        ]}
      />
    </Container>
  );
}
