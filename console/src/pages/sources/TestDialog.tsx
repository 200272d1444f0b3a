import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { bodyOf, type Schemas } from 'handfast-client';
import { useEffect } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import { useKnown } from './words';

interface Props {
  source: string;
  onClose: () => void;
}

/** Tests a source as soon as it is shown, and tells each check's result and what to do. */
export function TestDialog({ source, onClose }: Props) {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const { mutate, data, error, isPending } = useAction((_: undefined, once) =>
    bodyOf(
      api.POST('/sandboxes/{sandbox}/sources/{source}/test', { params: { path: { sandbox, source } }, headers: once }),
    ),
  );
  useEffect(() => mutate(undefined), [mutate]);
  return (
    <Modal
      visible
      header={t('sources.test.title')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button loading={isPending} onClick={() => mutate(undefined)}>
              {t('sources.test.again')}
            </Button>
            <Button variant="primary" onClick={onClose}>
              {t('sources.close')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {isPending && <StatusIndicator type="loading">{t('sources.test.running')}</StatusIndicator>}
        <ProblemAlert error={error} />
        {!isPending && data && <Result {...data} />}
      </SpaceBetween>
    </Modal>
  );
}

function Result({ ok, outcome, checks }: Schemas['SourceTest']) {
  const t = useT();
  const known = useKnown();
  return (
    <SpaceBetween size="m">
      <Alert type={ok ? 'success' : 'error'} header={t(`sources.outcome.${outcome}`)}>
        {t(`sources.outcome.${outcome}.todo`)}
      </Alert>
      <ul className="plain stack" aria-label={t('sources.test.title')}>
        {checks.map(({ name, ok: passed, detail }) => (
          <li key={name}>
            <StatusIndicator type={passed ? 'success' : 'error'}>
              {known(`sources.check.${name}`, name)}
            </StatusIndicator>
            <div className="breaks" lang="en" dir="auto">
              {detail}
            </div>
          </li>
        ))}
      </ul>
    </SpaceBetween>
  );
}
