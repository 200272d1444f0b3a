import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Tabs from '@cloudscape-design/components/tabs';
import { bodyOf, ifMatch } from 'handfast-client';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { DetailPage } from '../../components/DetailPage';
import { DryRunDialog } from '../../components/DryRunDialog';
import { GuardedButton } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { ActivationTable } from './ActivationTable';
import { AlertsPanel } from './AlertsPanel';
import { ChangePreview } from './ChangePreview';
import { DeadLetters } from './DeadLetters';
import { EndDialog } from './EndDialog';
import { Explanations } from './Explanations';
import { HealthPanel } from './HealthPanel';
import { type Destination, destinationsKey, useDestination } from './queries';
import { RotateSecrets } from './RotateSecrets';
import { Settings } from './Settings';
import { TestDialog } from './TestDialog';
import { useDestinationPreview } from './use-preview';

type Asking = 'test' | 'rotate' | 'pause' | 'delete';

export default function DestinationDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { destination = '' } = useParams();
  const [query, setQuery] = useSearchParams();
  const read = useDestination(sandbox, destination);
  return (
    <DetailPage
      resource={read}
      title={(value) => value?.name ?? destination}
      above={[{ text: t('destinations.title'), href: inSandbox(sandbox, 'destinations') }]}
      actions={(value, etag) => <Actions destination={value} etag={etag} />}
    >
      {(value) => (
        <Tabs
          activeTabId={query.get('tab') ?? 'health'}
          onChange={({ detail }) => setQuery({ tab: detail.activeTabId }, { replace: true })}
          tabs={[
            { id: 'health', label: t('destinations.health'), content: <HealthPanel destination={value} /> },
            {
              id: 'activations',
              label: t('destinations.activations'),
              content: <ActivationTable destination={destination} />,
            },
            {
              id: 'deadLetters',
              label: t('destinations.deadLetters'),
              content: <DeadLetters destination={destination} />,
            },
            { id: 'policies', label: t('destinations.policies'), content: <Explanations destination={destination} /> },
            { id: 'alerts', label: t('destinations.alerts'), content: <AlertsPanel destination={destination} /> },
            { id: 'settings', label: t('destinations.settings'), content: <Settings destination={value} /> },
          ]}
        />
      )}
    </DetailPage>
  );
}

function Actions({ destination, etag }: { destination: Destination; etag: string | null }) {
  const t = useT();
  const api = useApi();
  const can = useCan();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const id = destination.destinationId;
  const preview = useDestinationPreview(id);
  const [asking, setAsking] = useState<Asking | null>(null);
  const path = { sandbox, destination: id };
  const setStatus = useAction(
    (status: 'enabled' | 'disabled') =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/destinations/{destination}', {
          params: { path },
          body: { status },
          headers: ifMatch(etag),
        }),
      ),
    { invalidates: [destinationsKey(sandbox)] },
  );
  const remove = useAction(
    (members: 'exit' | 'keep') =>
      bodyOf(
        api.DELETE('/sandboxes/{sandbox}/destinations/{destination}', {
          params: { path, query: { members } },
          headers: ifMatch(etag),
        }),
      ),
    { invalidates: [[...destinationsKey(sandbox), 'list']] },
  );
  const isPaused = destination.status === 'disabled';
  const isDeleting = destination.status === 'deleting';
  const close = () => setAsking(null);
  const resume = () =>
    setStatus.mutate('enabled', { onSuccess: () => flash.success(t('destinations.resumed')), onError: flash.error });
  return (
    <>
      <GuardedButton permission="destinations:manage" disabled={isDeleting} onClick={() => setAsking('test')}>
        {t('destinations.test')}
      </GuardedButton>
      <ButtonDropdown
        disabled={!can('destinations:manage') || isDeleting}
        disabledReason={
          can('destinations:manage') ? undefined : t('guard.reason', { permission: 'destinations:manage' })
        }
        loading={setStatus.isPending}
        items={[
          { id: 'edit', text: t('destinations.edit') },
          { id: 'rotate', text: t('destinations.rotate'), disabled: destination.secrets === 'none' },
          isPaused ? { id: 'resume', text: t('destinations.resume') } : { id: 'pause', text: t('destinations.pause') },
          { id: 'delete', text: t('destinations.delete') },
        ]}
        onItemClick={({ detail }) => {
          if (detail.id === 'edit') void navigate(inSandbox(sandbox, 'destinations', id, 'edit'));
          else if (detail.id === 'resume') resume();
          else setAsking(detail.id as Asking);
        }}
      >
        {t('destinations.actions')}
      </ButtonDropdown>
      <GuardedButton
        permission="destinations:activate"
        variant="primary"
        disabled={isDeleting}
        onClick={() => void navigate(inSandbox(sandbox, 'destinations', id, 'activate'))}
      >
        {t('destinations.activate')}
      </GuardedButton>
      {asking === 'test' && <TestDialog destination={id} onClose={close} />}
      {asking === 'rotate' && (
        <RotateSecrets
          destination={destination}
          etag={etag}
          onDone={() => flash.success(t('destinations.rotated'))}
          onClose={close}
        />
      )}
      {asking === 'pause' && (
        <DryRunDialog
          title={t('destinations.pause.title')}
          confirm={t('destinations.pause')}
          dryRun={(signal) => preview({ status: 'disabled' }, signal)}
          onConfirm={async () => {
            await setStatus.mutateAsync('disabled');
            flash.success(t('destinations.paused'));
          }}
          onClose={close}
        >
          {(found) => (
            <>
              <p>{t('destinations.pause.detail')}</p>
              {found && <ChangePreview preview={found} />}
            </>
          )}
        </DryRunDialog>
      )}
      {asking === 'delete' && (
        <EndDialog
          title={t('destinations.delete.title')}
          confirm={t('destinations.delete')}
          detail={t('destinations.delete.detail')}
          typeName={destination.name}
          onConfirm={async (members) => {
            await remove.mutateAsync(members);
            flash.success(t('destinations.deleted', { name: destination.name }));
            void navigate(inSandbox(sandbox, 'destinations'));
          }}
          onClose={close}
        />
      )}
    </>
  );
}
