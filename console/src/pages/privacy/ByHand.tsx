import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { bodyOf } from 'handfast-client';
import { type ReactNode, useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { errorAt } from '../../components/field-errors';
import { GuardedButton } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type PrivacyRequest, requestsKey } from './queries';

interface Props {
  request: PrivacyRequest;
  /** The system where it was done, for the button's label. */
  name: string;
  at: { connectorId: string } | { destinationId: string };
}

/** Says that what a system has left open was done there by hand. */
export function ByHand({ request, name, at }: Props) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <GuardedButton
        permission="privacy:approve"
        variant="inline-link"
        ariaLabel={t('privacy.byHand.at', { name })}
        onClick={() => setOpen(true)}
      >
        {t('privacy.byHand.do')}
      </GuardedButton>
      {isOpen && (
        <ByHandDialog request={request} at={at} onClose={() => setOpen(false)}>
          {t('privacy.byHand.detail', { name })}
        </ByHandDialog>
      )}
    </>
  );
}

interface DialogProps {
  request: PrivacyRequest;
  at?: Props['at'];
  children: ReactNode;
  onClose: () => void;
}

/** Asks for the note that proves what was done by hand. */
export function ByHandDialog({ request, at, children, onClose }: DialogProps) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const [note, setNote] = useState('');
  const complete = useAction(
    (body: { note: string; connectorId?: string; destinationId?: string }, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/privacy-requests/{privacy_request}/complete', {
          params: { path: { sandbox, privacy_request: request.privacyRequestId } },
          body,
          headers: once,
        }),
      ),
    { invalidates: [requestsKey(sandbox)] },
  );
  return (
    <ConfirmDialog
      title={t('privacy.byHand.title')}
      confirm={t('privacy.byHand.confirm')}
      onConfirm={async () => {
        await complete.mutateAsync({ note: note.trim(), ...at });
        flash.success(t('privacy.byHand.done'));
      }}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <div dir="auto">{children}</div>
        <FormField
          label={t('privacy.byHand.note')}
          description={t('privacy.byHand.note.description')}
          constraintText={t('privacy.noPersonalData')}
          errorText={errorAt(complete.error, '/note')}
        >
          <Textarea value={note} rows={3} onChange={({ detail }) => setNote(detail.value)} />
        </FormField>
      </SpaceBetween>
    </ConfirmDialog>
  );
}
