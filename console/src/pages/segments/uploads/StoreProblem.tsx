import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { useT } from '../../../i18n/messages';
import { StoreError } from './transfers';

interface Props {
  problem: unknown;
  again: (() => void) | null;
}

/** Why bytes have not come to the store. */
export function StoreProblem({ problem, again }: Props) {
  const t = useT();
  return (
    <Alert
      type="error"
      header={t('segments.progress.unsent')}
      action={
        again && (
          <Button formAction="none" onClick={again}>
            {t('common.retry')}
          </Button>
        )
      }
    >
      {problem instanceof StoreError ? (
        <span dir="auto">
          {problem.status === 0
            ? t('problem.network.detail')
            : t('segments.progress.store', { status: problem.status, said: problem.message })}
        </span>
      ) : (
        <ProblemAlert error={problem} />
      )}
    </Alert>
  );
}
