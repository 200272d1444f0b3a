import Alert from '@cloudscape-design/components/alert';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Schemas } from 'handfast-client';
import { CopyId } from '../../components/CopyId';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';

interface Props {
  found: Schemas['Verification'] | undefined;
  error: unknown;
  isPending: boolean;
  onRetry: () => void;
  onDismiss: () => void;
}

/** What came of verifying the chain of hashes, in plain words, and how far it holds. */
export function Verify({ found, error, isPending, onRetry, onDismiss }: Props) {
  const t = useT();
  if (isPending) return <StatusIndicator type="loading">{t('activity.verify.running')}</StatusIndicator>;
  if (error) return <ProblemAlert error={error} onRetry={onRetry} />;
  if (!found) return null;
  const { verified, records, head, brokenAt } = found;
  const shared = { dismissible: true, onDismiss, dismissAriaLabel: t('common.dismiss') };
  if (verified && records === 0) return <Alert {...shared}>{t('activity.verify.empty')}</Alert>;
  if (verified)
    return (
      <Alert {...shared} type="success" header={t('activity.verify.holds')}>
        <div role="status">
          <p>{t('activity.verify.holds.detail', { records })}</p>
          <p>{t('activity.verify.holds.how', { records })}</p>
          <span className="secret">
            <CopyId value={head ?? ''} label={t('activity.hash')} />
          </span>
        </div>
      </Alert>
    );
  const at = brokenAt ?? records + 1;
  return (
    <Alert {...shared} type="error" header={t('activity.verify.broken')}>
      <div role="alert">
        <p>{t('activity.verify.broken.detail', { count: at - 1, at: String(at) })}</p>
        <p>{t('activity.verify.broken.how')}</p>
      </div>
    </Alert>
  );
}
