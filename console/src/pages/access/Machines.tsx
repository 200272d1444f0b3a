import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useSandbox } from '../../api/me';
import { Command } from '../../components/Command';
import { useT } from '../../i18n/messages';
import { AccessPage } from './AccessPage';
import { GrantTable } from './GrantTable';

const COMMANDS = {
  create: (sandbox: string) => `handfast admin create-client NAME --sandbox ${sandbox} --role viewer`,
  rotate: () => 'handfast admin rotate-client CLIENT_ID',
  delete: () => 'handfast admin delete-client CLIENT_ID',
} as const;

export default function Machines() {
  const t = useT();
  const sandbox = useSandbox();
  return (
    <AccessPage tab="machines">
      <div className="stack">
        <GrantTable of="machines" />
        <Container
          header={
            <Header variant="h2" description={t('access.machines.how.detail')}>
              {t('access.machines.how')}
            </Header>
          }
        >
          <div className="stack">
            {(['create', 'rotate', 'delete'] as const).map((step) => (
              <Command key={step} label={t(`access.machines.how.${step}`)} text={COMMANDS[step](sandbox)} />
            ))}
            <Box color="text-body-secondary">{t('access.machines.how.then')}</Box>
          </div>
        </Container>
      </div>
    </AccessPage>
  );
}
