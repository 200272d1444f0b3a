import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { bodyOf, type Schemas } from 'handfast-client';
import { useEffect } from 'react';
import { useIntl } from 'react-intl';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import { destinationsKey } from './queries';

interface Props {
  destination: string;
  onClose: () => void;
}

/** Tests a destination as soon as it is shown, and tells each check's result. */
export function TestDialog({ destination, onClose }: Props) {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const { mutate, data, error, isPending } = useAction(
    (_: undefined, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/destinations/{destination}/test', {
          params: { path: { sandbox, destination } },
          headers: once,
        }),
      ),
    { invalidates: [[...destinationsKey(sandbox), destination]] },
  );
  useEffect(() => mutate(undefined), [mutate]);
  return (
    <Modal
      visible
      header={t('destinations.test.title')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button loading={isPending} onClick={() => mutate(undefined)}>
              {t('destinations.test.again')}
            </Button>
            <Button variant="primary" onClick={onClose}>
              {t('destinations.close')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {isPending && <StatusIndicator type="loading">{t('destinations.test.running')}</StatusIndicator>}
        <ProblemAlert error={error} />
        {!isPending && data && <Result {...data} />}
      </SpaceBetween>
    </Modal>
  );
}

function Result({ ok, checks }: Schemas['DestinationTest']) {
  const t = useT();
  const { messages } = useIntl();
  const nameOf = (name: string) => (`destinations.check.${name}` in messages ? t(`destinations.check.${name}`) : name);
  return (
    <SpaceBetween size="m">
      <Alert type={ok ? 'success' : 'error'}>{ok ? t('destinations.test.ok') : t('destinations.test.failed')}</Alert>
      <ul className="plain stack" aria-label={t('destinations.test.title')}>
        {checks.map(({ name, ok: passed, detail }) => (
          <li key={name}>
            <StatusIndicator type={passed ? 'success' : 'error'}>{nameOf(name)}</StatusIndicator>
            <div className="breaks" lang="en">
              {detail}
            </div>
          </li>
        ))}
      </ul>
    </SpaceBetween>
  );
}
