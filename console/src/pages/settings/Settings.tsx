import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { GROUPS, settingOf, type Settings as Values } from './fields';
import { Namespaces } from './Namespaces';
import { Quotas } from './Quotas';
import { useSettings } from './queries';
import { Shown } from './Shown';

export default function Settings() {
  const t = useT();
  const sandbox = useSandbox();
  return (
    <DetailPage
      resource={useSettings(sandbox)}
      title={() => t('settings.title')}
      above={[]}
      description={t('settings.description')}
    >
      {({ sandboxId, name, organizationName, settings }) => (
        <>
          <Container
            header={
              <Header variant="h2" description={t('settings.about.operator')}>
                {t('settings.about')}
              </Header>
            }
          >
            <KeyValues
              items={[
                { label: t('settings.about.name'), value: <Written>{name}</Written> },
                { label: t('settings.about.organization'), value: <Written>{organizationName}</Written> },
                { label: t('settings.about.id'), value: <CopyId value={sandboxId} /> },
              ]}
            />
          </Container>
          {Object.keys(GROUPS).map((group) => (
            <Group key={group} group={group} settings={settings} />
          ))}
          <Namespaces />
          <Quotas />
        </>
      )}
    </DetailPage>
  );
}

function Group({ group, settings }: { group: string; settings: Values }) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const title = t(`settings.group.${group}`);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t(`settings.group.${group}.description`)}
          actions={
            <GuardedButton
              permission="access:manage"
              ariaLabel={t('settings.edit.one', { group: title })}
              onClick={() => void navigate(inSandbox(sandbox, 'settings', group))}
            >
              {t('settings.edit')}
            </GuardedButton>
          }
        >
          {title}
        </Header>
      }
    >
      <KeyValues
        items={(GROUPS[group] ?? []).map((field) => ({
          label: t(`settings.${field.name}`),
          value: (
            <>
              <Shown field={field} value={settingOf(settings, field)} />
              <Box variant="small" color="text-body-secondary" display="block">
                {t(`settings.${field.name}.effect`)}
              </Box>
            </>
          ),
        }))}
      />
    </Container>
  );
}
