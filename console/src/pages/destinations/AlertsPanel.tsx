import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { bodyOf, ifMatch, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { errorAt } from '../../components/field-errors';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type Alerts, destinationsKey, useAlerts } from './queries';

type Kind = Schemas['AlertKind'];
type Channel = Schemas['Channel'];

const KINDS: readonly Kind[] = [
  'run_failed',
  'run_delayed',
  'skipped_rate',
  'activation_failing',
  'dead_letters',
  'credentials_expiring',
  'removal_guard',
];
const CHANNELS: readonly Channel[] = ['in_app', 'webhook', 'email'];

/** The alerts that hold, and which of them the person hears of, through which channels. */
export function AlertsPanel({ destination }: { destination: string }) {
  const t = useT();
  const read = useAlerts(useSandbox(), destination);
  if (!read.data)
    return read.error ? (
      <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
    ) : (
      <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>
    );
  const { value, etag } = read.data;
  return (
    <div className="stack">
      <Raised alerts={value} />
      <Subscription key={etag} destination={destination} alerts={value} etag={etag} />
    </div>
  );
}

function Raised({ alerts }: { alerts: Alerts }) {
  const t = useT();
  return (
    <>
      {alerts.raised.map(({ alert, raisedAt, reason }) => (
        <Alert key={alert} type="warning" header={t(`destinations.alert.${alert}`)}>
          {t('destinations.since')} <Time at={raisedAt} exact />.{' '}
          <span dir="auto">{t('destinations.alert.reason', { reason })}</span>
        </Alert>
      ))}
    </>
  );
}

interface SubscriptionProps {
  destination: string;
  alerts: Alerts;
  etag: string | null;
}

function Subscription({ destination, alerts, etag }: SubscriptionProps) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const [kinds, setKinds] = useState(alerts.alerts);
  const [channels, setChannels] = useState(alerts.channels);
  const params = { path: { sandbox, destination } };
  const invalidates = [[...destinationsKey(sandbox), destination, 'alerts']];
  const subscribe = useAction(
    (body: Schemas['SubscribeAlerts']) =>
      bodyOf(
        api.PUT('/sandboxes/{sandbox}/destinations/{destination}/alerts', { params, body, headers: ifMatch(etag) }),
      ),
    { invalidates },
  );
  const unsubscribe = useAction(
    (_: undefined) =>
      bodyOf(api.DELETE('/sandboxes/{sandbox}/destinations/{destination}/alerts', { params, headers: ifMatch(etag) })),
    { invalidates },
  );
  const isSubscribed = alerts.alerts.length > 0;
  const error = subscribe.error ?? unsubscribe.error;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('destinations.alerts.description')}
          actions={
            <div className="row">
              {isSubscribed && (
                <Button
                  loading={unsubscribe.isPending}
                  onClick={() =>
                    unsubscribe.mutate(undefined, { onSuccess: () => flash.success(t('destinations.alerts.ended')) })
                  }
                >
                  {t('destinations.alerts.unsubscribe')}
                </Button>
              )}
              <Button
                variant="primary"
                loading={subscribe.isPending}
                disabled={kinds.length === 0 || channels.length === 0}
                disabledReason={t('destinations.alerts.choose')}
                onClick={() =>
                  subscribe.mutate(
                    { alerts: kinds, channels },
                    { onSuccess: () => flash.success(t('destinations.alerts.changed')) },
                  )
                }
              >
                {t('destinations.alerts.subscribe')}
              </Button>
            </div>
          }
        >
          {t('destinations.alerts')}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ProblemAlert error={error} fields={['/alerts', '/channels']} />
        <FormField label={t('destinations.alerts.kinds')} errorText={errorAt(error, '/alerts')} stretch>
          <Choices
            codes={KINDS}
            chosen={kinds}
            onChange={setKinds}
            words={(kind) => [t(`destinations.alert.${kind}`), t(`destinations.alertDetail.${kind}`)]}
          />
        </FormField>
        <FormField label={t('destinations.alerts.channels')} errorText={errorAt(error, '/channels')} stretch>
          <Choices
            codes={CHANNELS}
            chosen={channels}
            onChange={setChannels}
            words={(channel) => [t(`destinations.channel.${channel}`), t(`destinations.channelDetail.${channel}`)]}
          />
        </FormField>
        {!isSubscribed && <Box color="text-body-secondary">{t('destinations.alerts.none')}</Box>}
      </SpaceBetween>
    </Container>
  );
}

interface ChoicesProps<T extends string> {
  codes: readonly T[];
  chosen: readonly T[];
  onChange: (chosen: T[]) => void;
  words: (code: T) => [label: string, description: string];
}

function Choices<T extends string>({ codes, chosen, onChange, words }: ChoicesProps<T>) {
  return (
    <SpaceBetween size="xs">
      {codes.map((code) => {
        const [label, description] = words(code);
        return (
          <Checkbox
            key={code}
            checked={chosen.includes(code)}
            description={description}
            onChange={({ detail }) =>
              onChange(codes.filter((one) => (one === code ? detail.checked : chosen.includes(one))))
            }
          >
            {label}
          </Checkbox>
        );
      })}
    </SpaceBetween>
  );
}
