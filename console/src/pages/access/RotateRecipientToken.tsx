import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { momentOf } from '../../components/Moment';
import { useT } from '../../i18n/messages';
import { ExpiryField, usualExpiry } from './ExpiryField';
import { isInUse, type RecipientToken, recipientTokensKey } from './recipient-tokens';

/** For how long the token before may work on, in seconds, by its message. */
const GRACE = { none: 0, hour: 3_600, day: 86_400, week: 604_800 } as const;
type Grace = keyof typeof GRACE;

interface Props {
  token: RecipientToken;
  onRotated: (token: RecipientToken) => void;
  onClose: () => void;
}

/** Asks how a token is replaced, and does it. */
export function RotateRecipientToken({ token, onRotated, onClose }: Props) {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const [grace, setGrace] = useState<Grace>('day');
  const [expiry, setExpiry] = useState(usualExpiry);
  const path = { sandbox, token: token.tokenId };
  const rotate = useAction(
    (body: Schemas['RotateRecipientToken'], once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/recipient-tokens/{token}/rotate', { params: { path }, body, headers: once }),
      ),
    { invalidates: [recipientTokensKey(sandbox)] },
  );
  const options = (Object.keys(GRACE) as Grace[]).map((value) => ({ value, label: t(`access.tokens.grace.${value}`) }));
  const expiresAt = momentOf(expiry.day, expiry.time);
  return (
    <ConfirmDialog
      title={t('access.tokens.rotate.title', { name: token.name })}
      confirm={t('access.tokens.rotate')}
      isWaiting={!expiresAt}
      onConfirm={async () => onRotated(await rotate.mutateAsync({ graceSeconds: GRACE[grace], expiresAt }))}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <div>{t('access.tokens.rotate.detail')}</div>
        {isInUse(token) && (
          <FormField label={t('access.tokens.grace')} description={t('access.tokens.grace.description')}>
            <Select
              selectedOption={options.find(({ value }) => value === grace) ?? null}
              options={options}
              onChange={({ detail }) => setGrace(detail.selectedOption.value as Grace)}
            />
          </FormField>
        )}
        <ExpiryField value={expiry} onChange={setExpiry} />
      </SpaceBetween>
    </ConfirmDialog>
  );
}
