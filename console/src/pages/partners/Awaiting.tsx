import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { NameOrId } from '../../components/NameOrId';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import type { Connection } from './queries';

const SHOWN = 5;

/** Names the requests that this side has to answer. Nothing where there are none. */
export function Awaiting({ pending }: { pending: Connection[] }) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const awaiting = pending.filter(({ direction }) => direction === 'incoming');
  const [first] = awaiting;
  const hrefOf = ({ connectionId }: Connection) => inSandbox(sandbox, 'partners', connectionId);
  return (
    <div role="status">
      {first && (
        <Alert
          type="info"
          header={t('partners.awaiting', { count: awaiting.length })}
          action={<Button onClick={() => void navigate(hrefOf(first))}>{t('partners.awaiting.review')}</Button>}
        >
          <ul className="plain">
            {awaiting.slice(0, SHOWN).map((connection) => (
              <li key={connection.connectionId}>
                <NameOrId
                  name={connection.partner.organizationName}
                  id={connection.connectionId}
                  href={hrefOf(connection)}
                />{' '}
                · <Time at={connection.requestedAt} />
              </li>
            ))}
            {awaiting.length > SHOWN && <li>{t('partners.awaiting.more', { count: awaiting.length - SHOWN })}</li>}
          </ul>
        </Alert>
      )}
    </div>
  );
}
