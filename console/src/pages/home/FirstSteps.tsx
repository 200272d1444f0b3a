import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useNavigate } from 'react-router';
import { type Permission, useCan, useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { useConnections } from '../partners/queries';
import { useFeeds, useReceivedFeeds, useSegments } from './queries';

interface Step {
  id: 'connect' | 'segment' | 'feed';
  permission: Permission;
  path: string[];
  isDone: boolean;
}

/** The three things to do first, as long as nothing is shared either way. */
export function FirstSteps() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const steps = useSteps(sandbox);
  if (!steps) return null;
  const next = steps.find(({ isDone }) => !isDone);
  return (
    <Container
      header={
        <Header variant="h2" description={t('home.first.description')}>
          {t('home.first')}
        </Header>
      }
    >
      <ol className="plain steps">
        {steps.map(({ id, permission, path, isDone }, at) => (
          <li key={id}>
            <Box variant="h3" padding={{ bottom: 'xxs' }}>
              {at + 1}. {t(`home.first.${id}`)}
            </Box>
            <Box variant="p" color="text-body-secondary" padding={{ bottom: 's' }}>
              {t(`home.first.${id}.detail`)}
            </Box>
            {isDone ? (
              <StatusIndicator type="success">{t('home.first.done')}</StatusIndicator>
            ) : (
              <GuardedButton
                permission={permission}
                variant={next?.id === id ? 'primary' : 'normal'}
                onClick={() => void navigate(inSandbox(sandbox, ...path))}
              >
                {t(`home.first.${id}.do`)}
              </GuardedButton>
            )}
          </li>
        ))}
      </ol>
    </Container>
  );
}

/** The steps, or null where something is shared, or where that is not known. */
function useSteps(sandbox: string): Step[] | null {
  const can = useCan();
  const connections = useConnections(sandbox, { enabled: can('connections:read') }).data?.items;
  const feeds = useFeeds(sandbox).data?.items;
  const received = useReceivedFeeds(sandbox).data?.items;
  const segments = useSegments(sandbox).data?.items;
  if (!connections || !feeds || !received || !segments) return null;
  if (feeds.some(({ shares }) => shares.length > 0) || received.length > 0) return null;
  const isAlive = ({ status }: { status: string }) => status === 'active' || status === 'pending';
  return [
    {
      id: 'connect',
      permission: 'connections:request',
      path: ['partners', 'connect'],
      isDone: connections.some(isAlive),
    },
    { id: 'segment', permission: 'segments:write', path: ['segments'], isDone: segments.length > 0 },
    { id: 'feed', permission: 'feeds:write', path: ['feeds'], isDone: false },
  ];
}
