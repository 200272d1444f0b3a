import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import { type Permission, useCan, useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { KeyValues } from '../../components/KeyValues';
import { useProblemText } from '../../components/problem-text';
import { RouteLink } from '../../components/RouteLink';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { useConnections } from '../partners/queries';
import { useDataflows, useDestinations, useFeeds, useReceivedFeeds, useSegments } from './queries';

/** How much flows, each number where it is looked at. A number that cannot be read says so. */
export default function Flowing() {
  const t = useT();
  const can = useCan();
  const sandbox = useSandbox();
  const connections = useConnections(sandbox, { enabled: can('connections:read') });
  const feeds = useFeeds(sandbox);
  const received = useReceivedFeeds(sandbox);
  const segments = useSegments(sandbox);
  const destinations = useDestinations(sandbox);
  const dataflows = useDataflows(sandbox);
  const own = segments.data?.items.filter(({ origin }) => origin !== 'received');
  const shared = feeds.data?.items.filter(({ shares }) => shares.some(({ status }) => IS_SHARED.has(status)));
  const enabled = received.data?.items.filter(({ status }) => IS_ENABLED.has(status));
  const items: [Permission, string, string, Read, number | undefined, ReactNode][] = [
    [
      'connections:read',
      'partners',
      'partners',
      connections,
      connections.data?.items.filter(({ status }) => status === 'active').length,
      null,
    ],
    ['feeds:read', 'shared', 'feeds', feeds, shared?.length, null],
    [
      'feeds:read',
      'received',
      'received-feeds',
      received,
      enabled?.length,
      t('home.flow.received.members', { count: sum(enabled?.map(({ counts }) => counts.memberships)) }),
    ],
    [
      'feeds:read',
      'dataflows',
      'delivery',
      dataflows,
      dataflows.data?.items.filter(({ status }) => status === 'active').length,
      null,
    ],
    [
      'segments:read',
      'segments',
      'segments',
      segments,
      own?.length,
      t('home.flow.segments.members', { count: sum(own?.map(({ counts }) => counts.identities)) }),
    ],
    [
      'destinations:read',
      'destinations',
      'destinations',
      destinations,
      destinations.data?.items.filter(({ status }) => status === 'enabled').length,
      null,
    ],
  ];
  const shown = items.filter(([permission]) => can(permission));
  if (shown.length === 0) return null;
  return (
    <Container header={<Header variant="h2">{t('home.flowing')}</Header>}>
      <KeyValues
        columns={3}
        items={shown.map(([, id, path, read, count, more]) => ({
          label: t(`home.flow.${id}`),
          value: <Figure href={inSandbox(sandbox, path)} read={read} count={count} more={more} />,
        }))}
      />
    </Container>
  );
}

const IS_SHARED: ReadonlySet<string> = new Set(['pending', 'enabled', 'changed', 'disabled']);
const IS_ENABLED: ReadonlySet<string> = new Set(['enabled', 'changed']);

const sum = (numbers: number[] | undefined) => (numbers ?? []).reduce((all, one) => all + one, 0);

interface Read {
  data: { isCut: boolean } | undefined;
  error: unknown;
}

interface FigureProps {
  href: string;
  read: Read;
  count: number | undefined;
  more: ReactNode;
}

function Figure({ href, read, count, more }: FigureProps) {
  const t = useT();
  const describe = useProblemText();
  if (count === undefined && read.error) {
    const { title, detail, requestLine } = describe(read.error);
    return (
      <>
        <StatusIndicator type="error">{title}</StatusIndicator>
        <Box variant="small">{[detail, requestLine].filter(Boolean).join(' ')}</Box>
      </>
    );
  }
  if (count === undefined) return <Spinner aria-label={t('common.loading')} />;
  return (
    <>
      <div>
        <RouteLink href={href} fontSize="heading-xl">
          <Count value={count} />
          {read.data?.isCut && '+'}
        </RouteLink>
      </div>
      {more && (
        <Box variant="small" color="text-body-secondary">
          {more}
        </Box>
      )}
    </>
  );
}
