import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { save } from './download';
import type { Report } from './proof';
import type { PrivacyRequest } from './queries';
import { useVerification } from './verification';

interface Props {
  request: PrivacyRequest;
  /** What the request was read as: its history is looked at anew when it has changed. */
  version: string | null;
}

/** The signed history of a request, checked in the browser when it is asked for. */
export function ProofSummary({ request, version }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [isAsked, setAsked] = useState(false);
  const id = request.privacyRequestId;
  const { report, bytes, error, isPending, retry } = useVerification(sandbox, id, version, [], isAsked);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('privacy.proof.description')}
          actions={
            <div className="row">
              <Button onClick={() => void navigate(inSandbox(sandbox, 'privacy', id, 'proof'))}>
                {t('privacy.proof.open')}
              </Button>
              {bytes && (
                <Button iconName="download" onClick={() => save(`${id}-history.json`, bytes, 'application/json')}>
                  {t('privacy.proof.download')}
                </Button>
              )}
              <Button variant="primary" loading={isPending} disabled={isAsked} onClick={() => setAsked(true)}>
                {t('privacy.proof.verify')}
              </Button>
            </div>
          }
        >
          {t('privacy.proof')}
        </Header>
      }
    >
      <div aria-live="polite">
        <Unverified error={error} onRetry={retry} />
        {!isAsked && <Box>{t('privacy.proof.notYet')}</Box>}
        {isPending && <StatusIndicator type="loading">{t('privacy.proof.checking')}</StatusIndicator>}
        {report && <Verdict report={report} />}
      </div>
    </Container>
  );
}

/** Why nothing could be checked. */
export function Unverified({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useT();
  if (error instanceof DOMException && error.name === 'NotSupportedError')
    return <Alert type="warning">{t('privacy.proof.unsupported')}</Alert>;
  return <ProblemAlert error={error} onRetry={onRetry} />;
}

/** What the check has found, in plain words. */
export function Verdict({ report }: { report: Report }) {
  const t = useT();
  const failed = report.checks.filter(({ fault }) => fault !== null);
  const history = report.signed?.document;
  const counts = { records: history?.records.length ?? 0, receipts: history?.receipts.length ?? 0 };
  if (report.holds)
    return (
      <Alert type="success" header={t('privacy.proof.holds')}>
        {t('privacy.proof.holds.detail', counts)}
      </Alert>
    );
  const onlyKeys = failed.every(({ fault }) => fault === 'untrusted_key');
  return (
    <Alert
      type={onlyKeys ? 'warning' : 'error'}
      header={t(onlyKeys ? 'privacy.proof.unknownKey' : 'privacy.proof.fails')}
    >
      <SpaceBetween size="xs">
        <div>{t(onlyKeys ? 'privacy.proof.unknownKey.detail' : 'privacy.proof.fails.detail')}</div>
        <ul className="plain">
          {failed.map(({ subject, number, fault }) => (
            <li key={`${subject} ${number}`}>
              {t(`privacy.check.${subject}`, { number: number ?? 0 })}: {t(`privacy.fault.${fault}`)}
            </li>
          ))}
        </ul>
      </SpaceBetween>
    </Alert>
  );
}
