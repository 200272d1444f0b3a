import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, ifMatch } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { useT } from '../../i18n/messages';
import { type Destination, destinationsKey, useDestinationType } from './queries';
import { SchemaFields } from './SchemaFields';
import { changesOf, draftOf, fieldsOf } from './schema-form';

interface Props {
  destination: Destination;
  etag: string | null;
  onDone: () => void;
  onClose: () => void;
}

/** Takes new secrets in place of those that are set. */
export function RotateSecrets({ destination, etag, onDone, onClose }: Props) {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const type = useDestinationType(destination.type);
  const fields = fieldsOf(type?.authenticationSchema ?? {});
  const secrets = fields.filter(({ kind }) => kind === 'secret' || kind === 'block');
  const [entered, setEntered] = useState<ReturnType<typeof draftOf>>({});
  const [expireOn, setExpireOn] = useState('');
  const draft = { ...draftOf(fields, destination.authentication), ...entered };
  const update = useAction(
    (_: undefined) =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/destinations/{destination}', {
          params: { path: { sandbox, destination: destination.destinationId } },
          body: {
            authentication: changesOf(fields, draft, destination.authentication),
            ...(expireOn && { credentialsExpireAt: `${expireOn}T00:00:00Z` }),
          },
          headers: ifMatch(etag),
        }),
      ),
    { invalidates: [destinationsKey(sandbox)] },
  );
  const isEmpty = secrets.every(({ name }) => !draft[name]);
  return (
    <ConfirmDialog
      title={t('destinations.rotate.title')}
      confirm={t('destinations.rotate')}
      isWaiting={isEmpty}
      onConfirm={async () => {
        await update.mutateAsync();
        onDone();
      }}
      onClose={onClose}
    >
      <SpaceBetween size="l">
        <div>{t('destinations.rotate.detail')}</div>
        <SchemaFields
          fields={secrets}
          draft={draft}
          onChange={setEntered}
          error={update.error}
          pointer="/authentication"
          keeps={destination.secretNames}
        />
        <FormField
          label={t('destinations.credentialsExpireAt')}
          description={t('destinations.form.credentialsExpireAt')}
        >
          <DatePicker value={expireOn} placeholder="YYYY/MM/DD" onChange={({ detail }) => setExpireOn(detail.value)} />
        </FormField>
      </SpaceBetween>
    </ConfirmDialog>
  );
}
