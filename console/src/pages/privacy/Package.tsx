import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { GuardedButton } from '../../components/Guarded';
import { ShownOnce } from '../../components/ShownOnce';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { taskOf } from './board';
import { save } from './download';
import type { PrivacyRequest } from './queries';
import { Review } from './Review';

/** The person's data: the review before, and the encrypted page that the person is sent. */
export function Package({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const params = { path: { sandbox, privacy_request: request.privacyRequestId } };
  const take = useAction((_: undefined) =>
    bodyOf(api.GET('/sandboxes/{sandbox}/privacy-requests/{privacy_request}/package/page', { params })),
  );
  if (request.type !== 'access' && request.type !== 'portability') return null;
  const stage =
    request.stages.find(({ name }) => name === 'review') ?? request.stages.find(({ name }) => name === 'package');
  const expiresAt = stage?.detail.expiresAt;
  const isReady = request.status === 'completed' || request.status === 'completed_with_gaps';
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('privacy.package.description')}
          actions={
            isReady && (
              <GuardedButton
                permission="privacy:approve"
                iconName="download"
                loading={take.isPending}
                onClick={() =>
                  take.mutate(undefined, {
                    onSuccess: (taken) => {
                      save(`${request.privacyRequestId}.html`, taken.page, 'text/html');
                      setPassphrase(taken.passphrase);
                    },
                    onError: (error) => flash.error(error),
                  })
                }
              >
                {t('privacy.package.page')}
              </GuardedButton>
            )
          }
        >
          {t('privacy.package')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {taskOf(request) === 'review' ? (
          <Review request={request} />
        ) : (
          <Box>{t(isReady ? 'privacy.package.ready' : 'privacy.package.notYet')}</Box>
        )}
        {isReady && typeof expiresAt === 'string' && (
          <Box>
            {t('privacy.package.until')} <Time at={expiresAt} exact />
          </Box>
        )}
        {isReady && <Alert type="info">{t('privacy.package.zip', { id: request.privacyRequestId })}</Alert>}
      </SpaceBetween>
      {passphrase && (
        <ShownOnce
          title={t('privacy.package.taken')}
          label={t('privacy.package.passphrase')}
          value={passphrase}
          onClose={() => setPassphrase(null)}
        />
      )}
    </Container>
  );
}
